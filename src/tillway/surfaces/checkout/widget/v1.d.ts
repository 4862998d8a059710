/** Tillway's widget, version 1: what `<script src="https://GATEWAY/widget/v1.js">` puts on the page as `Tillway`. */

/**
 * Where a payment stands: waiting for the payer, waiting for an outcome, paid, refused for good, or no longer to be
 * paid (expired or withdrawn). The same words as `status.value` of `GET /payments/{reference}`.
 */
type TillwayState = "open" | "requested" | "success" | "failed" | "cancelled";

/** Which payment a callback is about. */
interface TillwayPayment {
  readonly paymentReference: string;
}

interface TillwayStateChange extends TillwayPayment {
  readonly state: TillwayState;
}

/**
 * `invalid_target`, `invalid_token`, `invalid_callback`: a mistake in the call of `mount`. `timed_out`: the gateway did
 * not answer. `refused`: the gateway did not show the payment on this page, or the frame was blocked. `failed`: the
 * gateway's page could not go on. `message` is for developers, not for payers.
 */
interface TillwayError {
  readonly code: "invalid_target" | "invalid_token" | "invalid_callback" | "timed_out" | "refused" | "failed";
  readonly message: string;
}

interface TillwayOptions {
  /** What the initiation of the payment answered (`POST /payments/web`). */
  readonly sessionToken: string;
  /** The payment is shown; called once. */
  readonly onReady?: (payment: TillwayPayment) => void;
  /** The payment is in another state than before, or it is shown for the first time. */
  readonly onStateChange?: (change: TillwayStateChange) => void;
  /** The payment is paid: a hint for the page. The server verifies it by postback, or by asking. Called once. */
  readonly onCompleted?: (payment: TillwayPayment) => void;
  /** The payment has failed for good. Called once. */
  readonly onFailed?: (payment: TillwayPayment) => void;
  /** The payment can no longer be paid: its time is over, or it was withdrawn. Called once. */
  readonly onExpired?: (payment: TillwayPayment) => void;
  /** The payment cannot be shown. Without this callback a mistake in the call of `mount` is thrown as a TypeError. */
  readonly onError?: (error: TillwayError) => void;
}

interface TillwayWidget {
  /** Takes the payment off the page; nothing is called any more. The payment itself stays as it is. */
  unmount(): void;
}

interface TillwayGlobal {
  /** Shows a payment inside an element, given as such or by a selector. */
  mount(target: string | Element, options: TillwayOptions): TillwayWidget;
}

declare const Tillway: TillwayGlobal;

interface Window {
  readonly Tillway: TillwayGlobal;
}
