import {LiveRuns, RUNS_CHANNEL, RUN_CHANGED} from "@ai_queue/runs/live_runs.esm";
import {after, expect, test} from "@odoo/hoot";

test("what follows runs hears of them on their channel", () => {
    const heard = {};
    const channels = [];
    const bus = {
        workerState: "CONNECTED",
        addChannel: (channel) => channels.push(channel),
        deleteChannel: (channel) => channels.splice(channels.indexOf(channel), 1),
        subscribe: (type, listener) => (heard[type] = listener),
        unsubscribe: (type) => delete heard[type],
    };
    const live = new LiveRuns(bus, {
        isActive: () => false,
        refresh: async (runId) => expect.step(`refresh ${runId}`),
    });
    live.start();
    after(() => live.stop());
    expect(channels).toEqual([RUNS_CHANNEL]);
    heard[RUN_CHANGED]({id: 7});
    expect.verifySteps(["refresh 7"]);
    live.stop();
    expect([channels, Object.keys(heard)]).toEqual([[], []]);
});
