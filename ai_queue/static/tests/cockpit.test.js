import {IDLE, ReviewClock} from "@ai_queue/bills/cockpit/review_clock.esm";
import {boxBetween, styleOf, wordAt} from "@ai_queue/bills/cockpit/page_words.esm";
import {defineModels, fields, models, mountView} from "@web/../tests/web_test_helpers";
import {describe, expect, test} from "@odoo/hoot";
import {boundedScale} from "@ai_queue/bills/cockpit/page_source.esm";
import {contains} from "@web/../tests/_framework/dom_test_helpers";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {fieldOf} from "@ai_queue/bills/cockpit/fill_in.esm";
import {queryFirst} from "@odoo/hoot-dom";

describe.current.tags("desktop");
defineMailModels();

class Line extends models.Model {
    _name = "account.move.line";

    name = fields.Char();
    price_unit = fields.Float();

    _records = [{id: 1, name: "Chairs", price_unit: 4}];
}

class Move extends models.Model {
    _name = "account.move";

    ref = fields.Char({string: "Reference"});
    invoice_date = fields.Date();
    ai_review_marks = fields.Json();
    invoice_line_ids = fields.One2many({relation: "account.move.line"});

    _records = [
        {
            id: 1,
            ref: "INV-1",
            invoice_date: "2026-03-10",
            invoice_line_ids: [1],
            ai_review_marks: {
                ref: {confidence: 0.5, text: "No. INV-1", page: 1, box: [1, 2, 3, 4]},
                invoice_date: {confidence: 0.95, text: "10.3.26"},
            },
        },
        {id: 2, ref: "INV-2"},
    ];
}
defineModels([Line, Move]);

const ARCH = /* xml */ `
    <form>
        <field name="ai_review_marks" invisible="1" />
        <group>
            <field name="ref" string="Number" />
            <field name="invoice_date" />
        </group>
        <field name="invoice_line_ids">
            <list editable="bottom">
                <field name="name" />
                <field name="price_unit" string="Price" />
            </list>
        </field>
    </form>`;

function mountForm(resId = 1) {
    return mountView({type: "form", resModel: "account.move", resId, arch: ARCH});
}

test("a clock counts what somebody does, and no break", () => {
    let now = 0;
    const clock = new ReviewClock(() => now);
    now += 5000;
    clock.touch();
    now += 10 * IDLE;
    clock.touch();
    expect(clock.take()).toBe((5000 + IDLE) / 1000);
    expect(clock.take()).toBe(0);
    now += 3000;
    clock.pause();
    now += 8000;
    clock.touch();
    expect(clock.take()).toBe(3);
    clock.resume();
    now += 2000;
    expect(clock.take()).toBe(2);
});

test("the word at a place is the nearest, and none far away", () => {
    const words = [
        [10, 10, 20, 20],
        [22, 10, 40, 20],
    ];
    expect(wordAt(words, 15, 15)).toBe(words[0]);
    expect(wordAt(words, 21.5, 15)).toBe(words[1]);
    expect(wordAt(words, 42, 22)).toBe(words[1]);
    expect(wordAt(words, 15, 30)).toBe(null);
    expect(wordAt([], 1, 1)).toBe(null);
});

test("places are shares of the page, whichever way they are framed", () => {
    const page = {width: 200, height: 400};
    expect(styleOf([20, 40, 60, 80], page)).toBe(
        "left: 10%; top: 10%; width: 20%; height: 10%"
    );
    expect(boxBetween({x: 9, y: 1}, {x: 2, y: 5})).toEqual([2, 1, 9, 5]);
});

test("no page is drawn larger than phones can", () => {
    expect(boundedScale(600, 800, 2)).toBe(2);
    const scale = boundedScale(600, 800, 100);
    expect(scale * 600 * scale * 800).toBeWithin(15999999, 16000001);
});

test("a doubted field is marked until somebody changes it", async () => {
    await mountForm();
    expect(".o_form_label:contains(Number) .o_ai_queue_doubt").toHaveText("50 %");
    expect(".o_field_widget[name=ref]").toHaveClass("o_ai_queue_doubt_danger");
    expect(".o_ai_queue_doubt").toHaveCount(1);
    await contains("[name=ref] input").edit("OTHER");
    expect(".o_ai_queue_doubt").toHaveCount(0);
    expect(".o_field_widget[name=ref]").not.toHaveClass("o_ai_queue_doubt_danger");
});

test("what was not read has no marks", async () => {
    await mountForm(2);
    expect(".o_ai_queue_doubt").toHaveCount(0);
});

test("which field an element belongs to", async () => {
    const view = await mountForm();
    const record = findRoot(view);
    const field = fieldOf(queryFirst("[name=ref] input"), record);
    expect(field).toEqual({
        model: "account.move",
        name: "ref",
        label: "Number",
        isLine: false,
    });
    await contains(".o_data_row td[name=price_unit]").click();
    const line = fieldOf(queryFirst(".o_data_row [name=price_unit] input"), record);
    expect(line).toEqual({
        model: "account.move.line",
        name: "price_unit",
        label: "Price",
        isLine: true,
    });
    expect(fieldOf(queryFirst(".o_form_view"), record)).toBe(null);
});

/** The record of a form that was mounted. */
function findRoot(component) {
    const found = [component.__owl__];
    while (found.length) {
        const node = found.pop();
        if (node.component.model?.root) {
            return node.component.model.root;
        }
        found.push(...Object.values(node.children));
    }
    return null;
}
