import {Chatter} from "@mail/chatter/web_portal/chatter";
import {onWillStart} from "@odoo/owl";
import {patch} from "@web/core/utils/patch";
import {user} from "@web/core/user";

const ASKERS = "ai_queue_agent.ai_queue_agent_group_user";
// Of these the colleague itself makes the records.
const OWN = ["ai.queue.question", "discuss.channel"];

/** The button of a chatter that opens the person's chat about the record. */
patch(Chatter.prototype, {
    setup() {
        super.setup(...arguments);
        this.askAi = {isShown: false};
        onWillStart(async () => {
            const mayAsk = await user.hasGroup(ASKERS);
            this.askAi.isShown = mayAsk && !OWN.includes(this.props.threadModel);
        });
    },

    async onClickAskAi() {
        // Pressed twice, it would make two chats.
        if (this.askAi.isOpening) {
            return;
        }
        this.askAi.isOpening = true;
        try {
            await this.openAskAi();
        } finally {
            this.askAi.isOpening = false;
        }
    },

    async openAskAi() {
        const channelId = await this.orm.call("ai.queue.question", "open_thread", [
            this.props.threadModel,
            this.props.threadId,
        ]);
        const thread = await this.store.Thread.getOrFetch({
            model: "discuss.channel",
            id: channelId,
        });
        await thread?.openChatWindow({focus: true});
    },
});
