import {
    MockServer,
    contains,
    defineActions,
    getService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
    serverState,
} from "@web/../tests/web_test_helpers";
import {waitFor, waitUntil} from "@odoo/hoot-dom";
import {MODEL} from "@queue_job_operations/operations/operations_store.esm";
import {PATIENCE} from "./patience.esm";
import {WebClient} from "@web/webclient/webclient";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {expect} from "@odoo/hoot";

const ACTION = 77;

/** What every test of the screen *Operations* needs: at the top of its file. */
export function defineOperations() {
    defineMailModels();
    defineActions([
        {
            id: ACTION,
            xml_id: "queue_job_operations.queue_job_operations_action",
            name: "Operations",
            path: "job-queue",
            tag: "queue_job_operations.operations",
            type: "ir.actions.client",
        },
    ]);
}

/**
 * Answer the screen, and note each question.
 *
 * @param {() => Object} getFigures
 */
export function answerFigures(getFigures) {
    onRpc(MODEL, "get_figures", ({kwargs}) => {
        expect.step(`figures ${kwargs.period}`);
        return {...getFigures(), period: kwargs.period};
    });
}

/** Note a call to the server, and answer it. */
export function answer(model, method, result = true) {
    onRpc(model, method, ({args}) => {
        expect.step(`${method} ${JSON.stringify(args)}`);
        return result;
    });
}

/** Open the screen, without waiting for an answer. */
export async function startOperations() {
    await mountWithCleanup(WebClient);
    await getService("action").doAction(ACTION);
}

/** Open the screen, and wait for its figures. */
export async function openOperations() {
    await startOperations();
    await waitUntil(
        () => getService("bus_service").workerState === "CONNECTED",
        PATIENCE
    );
    // The library of the chart is loaded before the first one.
    await waitFor(".o_queue_job_operations[data-face=figures]", PATIENCE);
    expect.verifySteps(["figures day"]);
}

/** Note the actions that are opened, and open none. */
export function noteActions() {
    const doAction = getService("action").doAction;
    patchWithCleanup(getService("action"), {
        doAction(action, options) {
            if (action === ACTION) {
                return doAction(...arguments);
            }
            const what = action.name || `${action.res_model} ${action.res_id}`;
            expect.step(`open ${what}${options.newWindow ? " beside" : ""}`);
        },
    });
}

/** Let the server send a message to who looks. */
export function send(message) {
    const {env} = MockServer;
    env["bus.bus"]._sendone(serverState.partnerId, message, {});
}

export const tile = (key) => `.o_queue_job_tile[data-key=${key}]`;
export const confirm = () =>
    contains(".modal-footer .btn:not(.btn-secondary)").click();
