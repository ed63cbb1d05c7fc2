import {DOUBTED, SURE, confidenceColor} from "@ai_queue/bills/read_fields.esm";
import {defineModels, fields, models, mountView} from "@web/../tests/web_test_helpers";
import {describe, expect, test} from "@odoo/hoot";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {queryAllTexts} from "@odoo/hoot-dom";

describe.current.tags("desktop");
defineMailModels();

const ROWS = [
    {
        name: "invoice_number",
        label: "Number",
        value: "INV-1",
        printed: "No. INV-1",
        page: 2,
        by: "Text",
        confidence: 0.966,
    },
    {
        name: "amount_total",
        label: "Total",
        value: "<b>1.00</b>",
        printed: "",
        page: 0,
        by: "Computed",
        confidence: 0.4,
    },
    ...["adjustments_0", "adjustments_1"].map((name, at) => ({
        name,
        label: "Discounts and Charges",
        value: `-${at + 1}.00`,
        printed: "",
        page: false,
        by: "",
        confidence: null,
    })),
];

class Move extends models.Model {
    _name = "account.move";

    read_fields = fields.Json();

    _records = [
        {id: 1, read_fields: ROWS},
        {id: 2, read_fields: false},
    ];
}
defineModels([Move]);

function mountFields(resId) {
    return mountView({
        type: "form",
        resModel: "account.move",
        resId,
        arch: `<form><field name="read_fields" widget="ai_queue_read_fields" /></form>`,
    });
}

test("how sure a value is has a colour", () => {
    expect(confidenceColor(1)).toBe("success");
    expect(confidenceColor(SURE)).toBe("success");
    expect(confidenceColor(SURE - 0.01)).toBe("warning");
    expect(confidenceColor(DOUBTED)).toBe("warning");
    expect(confidenceColor(DOUBTED - 0.01)).toBe("danger");
    expect(confidenceColor(0)).toBe("danger");
});

test("each value is shown with where it stands, by what and how surely", async () => {
    await mountFields(1);
    expect(queryAllTexts("[data-name=invoice_number] td")).toEqual([
        "Number",
        "INV-1",
        "No. INV-1",
        "2",
        "Text",
        "97 %",
    ]);
    expect("[data-name=invoice_number] .badge").toHaveClass("text-bg-success");
    expect("[data-name=amount_total] .badge").toHaveClass("text-bg-danger");
});

test("text of a document is text, and no page is none", async () => {
    await mountFields(1);
    expect(queryAllTexts("[data-name=amount_total] td").slice(1, 4)).toEqual([
        "<b>1.00</b>",
        "",
        "",
    ]);
    expect("[data-name=amount_total] b").toHaveCount(0);
});

test("what nobody read has no confidence, and each such row is shown", async () => {
    await mountFields(1);
    expect(queryAllTexts("[data-name^=adjustments] .fw-bold")).toEqual(["-1.00", "-2.00"]);
    expect("[data-name^=adjustments] .badge").toHaveCount(0);
});

test("a bill that was not read shows no values", async () => {
    await mountFields(2);
    expect(".o_ai_queue_read_fields tbody tr").toHaveCount(0);
});
