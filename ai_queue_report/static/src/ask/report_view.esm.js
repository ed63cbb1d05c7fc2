import {Component} from "@odoo/owl";
import {View} from "@web/views/view";
import {useService} from "@web/core/utils/hooks";

/**
 * A view of Odoo below the question, with its search bar, drill, export, favourites.
 *
 * `action` is what the server would open in full: an `ir.actions.act_window`.
 */
export class ReportView extends Component {
    static template = "ai_queue_report.ReportView";
    static components = {View};
    static props = {
        action: Object,
        // Whether another one is on its way.
        isOld: {type: Boolean, optional: true},
    };

    setup() {
        this.actionService = useService("action");
    }

    get viewProps() {
        const {action} = this.props;
        const [[, type]] = action.views;
        const {group_by: groupBy = [], ...context} = action.context;
        const views = [...action.views.map((view) => [...view]), [false, "search"]];
        const viewProps = {
            type,
            views,
            context,
            // A graph and a pivot find theirs in the context.
            groupBy: type === "list" ? groupBy : [],
            resModel: action.res_model,
            domain: action.domain,
            searchViewId: false,
            loadIrFilters: true,
            loadActionMenus: type === "list",
            // Somebody's own default filter is not what was asked.
            activateFavorite: false,
            useSampleModel: false,
            noContentHelp: action.help,
            noBreadcrumbs: true,
            display: {controlPanel: {}},
        };
        if (type === "list") {
            viewProps.selectRecord = (resId) => this.openRecord(resId);
        }
        return viewProps;
    }

    openRecord(resId) {
        const {res_model: model, views} = this.props.action;
        const form = views.find(([, type]) => type === "form") || [false, "form"];
        this.actionService.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: resId,
            views: [[form[0], "form"]],
        });
    }
}
