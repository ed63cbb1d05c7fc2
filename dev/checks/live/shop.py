"""The running system with stock: 60 products with rules, and a vendor of theirs."""

from .world import World

PROPOSALS = "ai.queue.reorder.proposal"
PROPOSE = "action_propose_reorder"


class Shop(World):
    """A ``World`` whose products are kept in stock and bought."""

    def __init__(self, server):
        super().__init__(server)
        if not self.value("SELECT count(*) FROM stock_warehouse_orderpoint"):
            self._set_up()
        self.rules = [
            rule_id
            for (rule_id,) in self.sql(
                "SELECT id FROM stock_warehouse_orderpoint ORDER BY id"
            )
        ]

    def _set_up(self):
        buy = self.value(
            "SELECT res_id FROM ir_model_data WHERE module = 'purchase_stock' "
            "AND name = 'route_warehouse0_buy'"
        )
        vendor = self.admin.call("res.partner", "create", [{"name": "Wholesaler"}])[0]
        values = {
            "is_storable": True,
            "standard_price": 5,
            "route_ids": [[4, buy]],
            "seller_ids": [[0, 0, {"partner_id": vendor, "delay": 14, "price": 5}]],
        }
        self.admin.call("product.product", "write", self.products, values)
        self.admin.call(
            "stock.warehouse.orderpoint",
            "create",
            [
                {"product_id": one, "product_min_qty": 1, "product_max_qty": 2}
                for one in self.products
            ],
        )

    def propose(self, person=None):
        """Press *Propose* for all products; returns the id of the run."""
        return (person or self.admin).press(self.products, button=PROPOSE)

    def proposed(self, run_id):
        """{rule: number of proposals of a run}"""
        return dict(
            self.sql(
                "SELECT orderpoint_id, count(*) FROM ai_queue_reorder_proposal "
                "WHERE run_id = %s GROUP BY orderpoint_id",
                run_id,
            )
        )

    def assert_proposed(self, run_id):
        """The run ended well: every rule has one proposal that waits for a person."""
        self.assert_all_done(run_id, len(self.products))
        assert self.proposed(run_id) == dict.fromkeys(self.rules, 1)
        states = self.sql(
            "SELECT state, count(*) FROM ai_queue_reorder_proposal "
            "WHERE run_id = %s GROUP BY state",
            run_id,
        )
        assert states == [("open", len(self.products))]

    # EXTENDS World
    def reset(self):
        """No proposal either."""
        super().reset()
        self.forget_proposals()

    def forget_proposals(self):
        """No proposal, and no rule as one wanted it."""
        self.sql("DELETE FROM ai_queue_reorder_proposal")
        self.sql(
            "UPDATE stock_warehouse_orderpoint "
            "SET product_min_qty = 1, product_max_qty = 2"
        )
