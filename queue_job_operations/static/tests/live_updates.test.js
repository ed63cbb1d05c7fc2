import {
    LiveUpdates,
    POLL_WITHOUT_BUS,
    POLL_WITH_BUS,
    unlessOffline,
} from "@queue_job_operations/live/live_updates.esm";
import {advanceTime, animationFrame, mockDate} from "@odoo/hoot-mock";
import {after, beforeEach, expect, test} from "@odoo/hoot";
import {asyncStep, patchWithCleanup, waitForSteps} from "@web/../tests/web_test_helpers";
import {ConnectionLostError} from "@web/core/network/rpc";
import {Deferred} from "@web/core/utils/concurrency";

const CHANGED = "test/record_changed";
const CHANNEL = "test.records";

let bus = null;
let isActive = false;
let isHidden = false;

beforeEach(() => {
    mockDate("2026-11-22 12:00:00");
    isActive = false;
    isHidden = false;
    patchWithCleanup(document, {
        get hidden() {
            return isHidden;
        },
    });
    bus = {
        workerState: "CONNECTED",
        listeners: new Set(),
        channels: [],
        addChannel: (channel) => bus.channels.push(channel),
        deleteChannel: (channel) => bus.channels.splice(bus.channels.indexOf(channel), 1),
        subscribe: (type, listener) => type === CHANGED && bus.listeners.add(listener),
        unsubscribe: (type, listener) => bus.listeners.delete(listener),
        send: (id) => [...bus.listeners].forEach((listener) => listener({id})),
    };
});

function startUpdates(options = {}) {
    const live = new LiveUpdates(bus, {
        isActive: () => isActive,
        refresh: async (id) => asyncStep(`refresh ${id || ""}`.trim()),
        message: CHANGED,
        channel: CHANNEL,
        ...options,
    });
    live.start();
    after(() => live.stop());
    return live;
}

function setHidden(value) {
    isHidden = value;
    document.dispatchEvent(new Event("visibilitychange"));
}

test("a message that a record changed is a reason to look", async () => {
    startUpdates();
    bus.send(7);
    await waitForSteps(["refresh 7"]);
});

test("messages are asked for while somebody looks", async () => {
    const first = startUpdates();
    const second = startUpdates();
    startUpdates({channel: []});
    expect(bus.channels).toEqual([CHANNEL, CHANNEL]);
    first.stop();
    first.stop();
    expect(bus.channels).toEqual([CHANNEL]);
    second.stop();
    expect(bus.channels).toEqual([]);
});

test("a message about a record that does not matter is none", async () => {
    startUpdates({concerns: (id) => id !== 7});
    bus.send(7);
    await advanceTime(POLL_WITH_BUS);
    await waitForSteps([]);
});

test("messages that pour in are answered once a second", async () => {
    startUpdates();
    bus.send(1);
    await waitForSteps(["refresh 1"]);
    bus.send(2);
    bus.send(3);
    await advanceTime(500);
    await waitForSteps([]);
    await advanceTime(600);
    await waitForSteps(["refresh 3"]);
});

test("a message during a refresh leads to one more afterwards", async () => {
    const answer = new Deferred();
    startUpdates({
        refresh: (id) => {
            asyncStep(`refresh ${id}`);
            return answer;
        },
    });
    bus.send(1);
    bus.send(2);
    bus.send(3);
    await waitForSteps(["refresh 1"]);
    answer.resolve();
    await animationFrame();
    await advanceTime(1100);
    await waitForSteps(["refresh 3"]);
});

test("without the websocket it polls while something goes on", async () => {
    bus.workerState = "DISCONNECTED";
    isActive = true;
    startUpdates();
    await advanceTime(POLL_WITHOUT_BUS);
    await waitForSteps(["refresh"]);
    await advanceTime(POLL_WITHOUT_BUS);
    await waitForSteps(["refresh"]);
    isActive = false;
    await advanceTime(POLL_WITHOUT_BUS);
    await waitForSteps(["refresh"]);
    await advanceTime(10 * POLL_WITHOUT_BUS);
    await waitForSteps([]);
});

test("with the websocket it looks now and then, in case a message is lost", async () => {
    isActive = true;
    startUpdates();
    await advanceTime(POLL_WITHOUT_BUS);
    await waitForSteps([]);
    await advanceTime(POLL_WITH_BUS);
    await waitForSteps(["refresh"]);
});

test("nothing is fetched while nobody can see it", async () => {
    isActive = true;
    startUpdates();
    setHidden(true);
    bus.send(1);
    await advanceTime(10 * POLL_WITH_BUS);
    await waitForSteps([]);
    setHidden(false);
    await waitForSteps(["refresh 1"]);
});

test("coming back to the page is a reason to look only while something goes on", async () => {
    startUpdates();
    setHidden(true);
    setHidden(false);
    await advanceTime(1100);
    await waitForSteps([]);
    isActive = true;
    setHidden(true);
    setHidden(false);
    await advanceTime(1100);
    await waitForSteps(["refresh"]);
});

test("it stops for good", async () => {
    isActive = true;
    const live = startUpdates();
    live.stop();
    bus.send(1);
    await advanceTime(10 * POLL_WITH_BUS);
    await waitForSteps([]);
    expect(bus.listeners.size).toBe(0);
});

test("an error is said once, and nothing is tried any more", async () => {
    expect.errors(1);
    isActive = true;
    let error = new Error("The record was deleted");
    const live = startUpdates({
        refresh: async () => {
            asyncStep("refresh");
            if (error) {
                throw error;
            }
        },
    });
    bus.send(1);
    await waitForSteps(["refresh"]);
    await advanceTime(10 * POLL_WITH_BUS);
    await waitForSteps([]);
    expect.verifyErrors(["The record was deleted"]);
    // … but for who starts it again.
    error = null;
    live.start();
    await advanceTime(POLL_WITH_BUS);
    await waitForSteps(["refresh"]);
});

test("a lost connection is no error", async () => {
    const lost = Promise.reject(new ConnectionLostError("/web"));
    expect(await unlessOffline(lost)).toBe(undefined);
    expect(await unlessOffline(Promise.resolve(3))).toBe(3);
    const failed = unlessOffline(Promise.reject(new Error("Something else")));
    await expect(failed).rejects.toThrow("Something else");
});

test("several messages on several channels are heard", async () => {
    startUpdates({message: ["test/other", CHANGED], channel: [CHANNEL, "test.others"]});
    expect(bus.channels).toEqual([CHANNEL, "test.others"]);
    bus.send(4);
    await waitForSteps(["refresh 4"]);
});
