import {board, figures, tile} from "./boards_figures.esm";
import {
    contains,
    defineModels,
    getService,
    makeServerError,
    models,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {describe, expect, test} from "@odoo/hoot";
import {press, queryAllAttributes, queryAllTexts, waitFor} from "@odoo/hoot-dom";
import {WebClient} from "@web/webclient/webclient";
import {animationFrame} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

describe.current.tags("desktop");

class Board extends models.Model {
    _name = "ai.queue.board";
}

class Tile extends models.Model {
    _name = "ai.queue.board.tile";
}

class Run extends models.Model {
    _name = "ai.queue.run";
}

defineModels([Board, Tile, Run]);
defineMailModels();

const SCREEN = ".o_ai_queue_board";
const TILE = ".o_ai_queue_tile";

/** Open the screen; `answers` are what `get_board` returns, the last one for ever. */
async function openBoard(answers, {boards = [{id: 1, name: "Sales", owner: ""}]} = {}) {
    onRpc("ai.queue.board", "get_boards", () => boards);
    onRpc("ai.queue.board", "prepare_board", () => {
        expect.step("prepare");
        return false;
    });
    onRpc("ai.queue.board", "get_board", () => {
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer instanceof Error) {
            throw answer;
        }
        return JSON.parse(JSON.stringify(answer));
    });
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "ai_queue_report.board",
    });
    await animationFrame();
}

function titles() {
    return queryAllAttributes(TILE, "aria-label");
}

test("tiles of all faces", async () => {
    await openBoard([
        board([
            tile(1, {data: figures({compared: {totals: [24]}})}),
            tile(2, {shape: "table"}),
            tile(3, {state: "missing", data: null, is_waiting: true, as_of: false}),
            tile(4, {state: "error", data: null, error: "You may not see it."}),
            tile(5, {data: figures({empty_because: "Nothing, as far as you may see."})}),
            tile(6, {is_stale: true}),
            tile(7, {failure: "The disk is full."}),
        ]),
    ]);
    await waitFor(`${SCREEN}[data-face=tiles]`);
    expect.verifySteps(["prepare"]);
    expect(`${TILE}[data-id="1"]`).toHaveText(/30\.00[^]*\+25 %[^]*before: 24\.00/);
    expect(queryAllTexts(`${TILE}[data-id="2"] tbody td`)).toEqual([
        "January",
        "10.00",
        "February",
        "20.00",
    ]);
    expect(`${TILE}[data-id="3"]`).toHaveText(/in a moment[^]*Being made/);
    expect(`${TILE}[data-id="4"] [role=alert]`).toHaveText("You may not see it.");
    expect(`${TILE}[data-id="5"]`).toHaveText(/as far as you may see/);
    expect(`${TILE}[data-id="6"] .o_ai_queue_stale`).toHaveText(/Old:/);
    expect(`${TILE}[data-id="7"] .o_ai_queue_tile_failure`).toHaveText(/Not refreshed: The disk is full/);
    // It goes on by itself: nobody needs to press.
    expect(".o_ai_queue_board_progress").toHaveText("Tiles to go: 1 of 7");
    expect(".o_ai_queue_board_refresh").toHaveCount(0);
});

test("a press is seen at once", async () => {
    const ready = board([tile(1), tile(2)]);
    const waiting = board([tile(1, {is_waiting: true}), tile(2, {is_waiting: true})]);
    onRpc("ai.queue.board", "action_refresh", () => {
        expect.step("refresh");
        return 7;
    });
    await openBoard([ready, waiting]);
    await contains(".o_ai_queue_board_refresh").click();
    expect(".o_ai_queue_board_progress").toHaveText("Tiles to go: 2 of 2");
    expect.verifySteps(["prepare", "refresh"]);
});

test("why a press did nothing is there to be read", async () => {
    onRpc("ai.queue.board", "action_refresh", () => {
        throw makeServerError({message: "You may not ask for reports."});
    });
    await openBoard([board([tile(1)])]);
    await contains(".o_ai_queue_board_refresh").click();
    await waitFor(`${SCREEN} .alert`);
    await animationFrame();
    expect(`${SCREEN} .alert`).toHaveText(/You may not ask for reports/);
    expect.verifySteps(["prepare"]);
});

test("arranged by the keyboard, and kept", async () => {
    onRpc("ai.queue.board", "arrange", ({args}) => {
        expect.step(args[1].map((one) => `${one.id}:${one.width}x${one.height}`).join(" "));
        return true;
    });
    await openBoard([board([tile(1), tile(2), tile(3)])]);
    await contains(".o_ai_queue_board_arrange").click();
    await contains(`${TILE}[data-id="1"] .o_ai_queue_tile_handle`).focus();
    await press("ArrowRight");
    await animationFrame();
    expect(titles()).toEqual(["Tile 2", "Tile 1", "Tile 3"]);
    expect(".o_queue_job_screen > [aria-live]").toHaveText("Tile 1 is number 2 of 3.");
    await press("End");
    await animationFrame();
    await press("ArrowDown");
    await animationFrame();
    expect(titles()).toEqual(["Tile 2", "Tile 3", "Tile 1"]);
    await contains(`${TILE}[data-id="2"] button[aria-label=Wider]`).click();
    await contains(".o_ai_queue_board_controls .btn-primary").click();
    expect.verifySteps(["prepare", "2:2x1 3:1x1 1:1x1"]);
});

test("who only reads has nothing to arrange", async () => {
    await openBoard([board([tile(1)], {can_edit: false, is_own: false})]);
    expect(".o_ai_queue_board_arrange").toHaveCount(0);
    expect(".o_ai_queue_board_settings").toHaveCount(0);
    expect(".o_ai_queue_board_note").toHaveText(/Shared by Ann; you see what you may see/);
    await expect.waitForSteps(["prepare"]);
});

test("no board yet", async () => {
    await openBoard([], {boards: []});
    await waitFor(`${SCREEN}[data-face=none]`);
    expect(SCREEN).toHaveText(/You have no board yet/);
});

test("nothing is pinned", async () => {
    await openBoard([board([])]);
    await waitFor(`${SCREEN}[data-face=bare]`);
    await expect.waitForSteps(["prepare"]);
});

test("a board that may not be seen says so", async () => {
    await openBoard([makeServerError({message: "It is not shared with you."})]);
    await waitFor(`${SCREEN}[data-face=error]`);
    expect(SCREEN).toHaveText(/It is not shared with you/);
});

test("a row opens its records", async () => {
    onRpc("ai.queue.board.tile", "action_open_report", ({args}) => {
        expect.step(JSON.stringify(args));
        return {type: "ir.actions.act_window_close"};
    });
    await openBoard([board([tile(1, {shape: "table"})])]);
    await contains(`${TILE} tbody tr:eq(1) button`).click();
    await contains(`${TILE} .o_ai_queue_tile_title button`).click();
    expect.verifySteps(["prepare", "[[1],1]", "[[1]]"]);
});
