// A shop's page in TypeScript, as its developers would write it; the test holds it, and v1.d.ts, to the syntax.
/// <reference path="../../src/tillway/surfaces/checkout/widget/v1.d.ts" />

const place = document.getElementById("pay");

const widget = Tillway.mount(place ?? "#pay", {
  sessionToken: document.body.dataset.sessionToken ?? "",
  onReady: ({ paymentReference }) => console.log(`${paymentReference} is shown`),
  onStateChange: (change) => {
    const isOver: boolean = change.state === "success" || change.state === "failed" || change.state === "cancelled";
    console.log(change.paymentReference, isOver);
  },
  onCompleted: ({ paymentReference }) => location.assign(`/thanks?paymentReference=${paymentReference}`),
  onFailed: () => widget.unmount(),
  onExpired: () => widget.unmount(),
  onError: ({ code, message }) => {
    if (code === "refused") console.error(message);
  },
});

window.Tillway.mount("#second", { sessionToken: "token" }).unmount();
