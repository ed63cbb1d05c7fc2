/** Milliseconds without a key or a pointer after which nobody is at it any more. */
export const IDLE = 60000;

/** How long a person is at one bill: while they look and do something now and then. */
export class ReviewClock {
    /**
     * @param {() => Number} [now] milliseconds
     */
    constructor(now = () => performance.now()) {
        this.now = now;
        this.isPaused = false;
        this.spent = 0;
        this.last = now();
    }

    /** They do something. */
    touch() {
        if (!this.isPaused) {
            const now = this.now();
            this.spent += Math.min(now - this.last, IDLE);
            this.last = now;
        }
    }

    /** They look at something else until `resume`. */
    pause() {
        this.touch();
        this.isPaused = true;
    }

    resume() {
        this.isPaused = false;
        this.last = this.now();
    }

    /**
     * @returns {Number} the seconds since the last time; counts anew from here
     */
    take() {
        this.touch();
        const seconds = this.spent / 1000;
        this.spent = 0;
        return seconds;
    }
}
