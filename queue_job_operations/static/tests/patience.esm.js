/** How long something may take to be drawn on a machine that has much to do. */
export const PATIENCE = {timeout: 10000};
