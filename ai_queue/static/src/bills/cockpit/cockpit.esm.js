import {Component, onWillStart, useState, useSubEnv} from "@odoo/owl";
import {Layout} from "@web/search/layout";
import {View} from "@web/views/view";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useSetupAction} from "@web/search/action_hook";
import {useService} from "@web/core/utils/hooks";

/** Bills one after the other: the document at one side, what is booked at the other. */
export class ReviewCockpit extends Component {
    static template = "ai_queue.ReviewCockpit";
    static components = {Layout, View};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.state = useState({ids: [], sitting: 0});
        this.rights = {};
        /** Bills that nobody need look at again. */
        this.through = new Set(this.props.state?.through);
        useSubEnv({
            cockpit: {
                rights: () => this.rights,
                through: () => this.through,
                isAt: (id) => {
                    this.current = id;
                },
                lookForMore: () => this.look(),
            },
        });
        useSetupAction({
            getLocalState: () => ({
                ids: [...this.state.ids],
                id: this.current || this.state.id,
                through: [...this.through],
            }),
        });
        onWillStart(async () => {
            this.rights = await this.orm.call("account.move", "get_ai_review_view", []);
            const {ids, id} = this.props.state || this.props.action.params || {};
            if (ids) {
                Object.assign(this.state, {ids, id});
            } else {
                await this.look();
            }
        });
    }

    /** Begin with the bills that wait by now. */
    async look() {
        this.through.clear();
        const ids = await this.orm.call("account.move", "get_ai_review_queue", []);
        Object.assign(this.state, {ids, id: ids[0], sitting: this.state.sitting + 1});
    }

    get viewProps() {
        const {ids, id} = this.state;
        return {
            type: "form",
            resModel: "account.move",
            resId: id,
            resIds: [...ids],
            views: [[this.rights.view_id, "form"]],
            context: {...this.props.action.context, skip_is_manually_modified: false},
            loadActionMenus: false,
        };
    }
}

registry.category("actions").add("ai_queue.cockpit", ReviewCockpit);
