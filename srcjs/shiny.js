// The Shiny module in the page. R (R/liveness-check-page.R) sends its state in messages. What happens here is sent to R with
// requests, because Shiny holds inputs while a promise of the Shiny session is pending. The only input is the number of an
// element, by which R learns that there is one.
(() => {
  "use strict";

  const name = "rekognition-check";

  const defaults = {
    startingText: "Starting...",
    unavailableText: "The check is not available right now. Please try again later.",
    tooManyChecksText: "Too many checks. Please wait a few minutes, then try again.",
    tryAgainText: "Try again",
    checkCompleteText: "Check complete",
  };

  // The script of the check is large: it loads when a check may start.
  let script;
  function loadScript() {
    script = script || new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = document.getElementById(`${name}-script-attachment`).href;
      element.onload = resolve;
      element.onerror = () => {
        script = undefined;
        element.remove();
        reject(new Error(`${element.src} cannot be loaded.`));
      };
      document.head.append(element);
    });
    return script;
  }

  async function send({ url, check }, action, report) {
    const response = await fetch(`${url}&action=${action}&check=${check}`, {
      method: "POST",
      body: report && JSON.stringify(report),
    });
    if (!response.ok) {
      throw new Error(`HTTP status ${response.status}`);
    }
  }

  // The check has the colors of the page, whatever theme it has, and of its primary buttons.
  function copyColors(element, button) {
    const { color } = getComputedStyle(element);
    const [red, green, blue] = color.match(/[\d.]+/g).map(Number);
    const isDark = 0.3 * red + 0.6 * green + 0.1 * blue > 128;
    const primary = getComputedStyle(button);
    element.style.colorScheme = isDark ? "dark" : "light";
    for (const [property, value] of Object.entries({
      background: backgroundOf(element),
      text: color,
      primary: primary.backgroundColor,
      "primary-text": primary.color,
      radius: primary.borderTopLeftRadius,
    })) {
      element.style.setProperty(`--rekognition-${property}`, value);
    }
  }

  function backgroundOf(element) {
    for (let parent = element; parent; parent = parent.parentElement) {
      const { backgroundColor } = getComputedStyle(parent);
      if (!/^(transparent|rgba\(.*, 0\))$/.test(backgroundColor)) {
        return backgroundColor;
      }
    }
    return "Canvas";
  }

  let modules = 0;

  class Module {
    constructor(element) {
      modules += 1;
      this.number = modules;
      this.element = element;
      this.view = element.querySelector(`.${name}-view`);
      this.status = element.querySelector(`.${name}-status`);
      this.button = element.querySelector(`.${name}-start`);
      this.label = this.button.textContent;
      this.options = JSON.parse(element.dataset.options);
      this.text = { ...defaults, ...this.options.text };
      this.button.addEventListener("click", () => this.start());
    }

    receive(message) {
      if (!this.message || message.url !== this.message.url) {
        // R has a new Shiny session.
        this.stop();
      }
      this.message = message;
      copyColors(this.element, this.button);
      const { run } = this;
      if (message.ticket) {
        this.check(message);
      } else if (message.state === "failed" && run) {
        // The next response of the relay tells the check why.
        setTimeout(() => run.cancel(), 2000);
      } else if (["idle", "starting", "cancelled"].includes(message.state)) {
        this.stop();
      }
      this.show();
    }

    show() {
      const { state, start, reason, check } = this.message;
      const isFirst = state === "idle";
      const isEnded = !this.run && ["idle", "cancelled", "failed"].includes(state);
      // The view of a check that failed in the page says why.
      const isUnexplained = isEnded && state === "failed" && this.failed !== check;
      if (state === "starting" || isUnexplained) {
        this.view.replaceChildren();
      }
      this.say(state === "starting" && "startingText");
      if (isUnexplained) {
        this.say(reason === "TOO_MANY_CHECKS" ? "tooManyChecksText" : "unavailableText");
      }
      // A new element, after the check has ended in another one.
      if (state === "done" && !this.run && !this.view.hasChildNodes()) {
        this.say("checkCompleteText");
      }
      this.button.textContent = isFirst ? this.label : this.text.tryAgainText;
      this.button.hidden = !isEnded || start === "manual" || (isFirst && start === "auto");
      if (isFirst && start !== "manual") {
        this.whenVisible(start === "auto" ? () => this.start() : () => loadScript().catch(() => {}));
      }
    }

    say(text) {
      this.status.textContent = text ? this.text[text] : "";
    }

    whenVisible(work) {
      this.unobserve();
      this.observer = new IntersectionObserver((entries, observer) => {
        if (entries.some((entry) => entry.isIntersecting)) {
          observer.disconnect();
          work();
        }
      });
      this.observer.observe(this.element);
    }

    async start() {
      const hadFocus = document.activeElement === this.button;
      this.button.hidden = true;
      if (hadFocus) {
        this.element.focus({ preventScroll: true });
      }
      try {
        await send(this.message, "start");
      } catch {
        this.say("unavailableText");
        this.button.hidden = false;
      }
    }

    async check(message) {
      this.stop();
      const run = { cancel: () => (run.isCancelled = true) };
      this.run = run;
      try {
        await loadScript();
        if (!run.isCancelled) {
          const { text, startScreen } = this.options;
          const url = `${message.url}&action=video&check=${message.check}`;
          const promise = rekognitionLiveness.start(this.view, { ticket: message.ticket, url, text, startScreen });
          run.cancel = () => promise.cancel();
          await promise;
        }
        await this.report(message, run.isCancelled ? "cancel" : "done");
      } catch (error) {
        await this.failure(message, error);
      }
      if (this.run === run) {
        this.run = undefined;
        this.show();
        if (document.activeElement === document.body) {
          // What had the focus is gone: the keyboard continues from here.
          this.element.focus({ preventScroll: true });
        }
      }
    }

    async failure(message, { state, message: text, reason }) {
      if (state === "CANCELLED") {
        await this.report(message, "cancel");
      } else {
        this.failed = state && message.check;
        await this.report(message, "failure", { state: state || "SCRIPT_NOT_LOADED", message: text, reason });
      }
    }

    // R notices by itself, a little later, if it does not get this.
    async report(message, action, report) {
      await send(message, action, report).catch(() => {});
    }

    unobserve() {
      if (this.observer) {
        this.observer.disconnect();
      }
    }

    stop() {
      this.unobserve();
      if (this.run) {
        this.run.cancel();
      }
    }
  }

  const known = new WeakMap();

  function moduleOf(element) {
    if (!known.has(element)) {
      known.set(element, new Module(element));
    }
    return known.get(element);
  }

  class Binding extends Shiny.InputBinding {
    find(scope) {
      return $(scope).find(`.${name}`);
    }

    getValue(element) {
      return moduleOf(element).number;
    }

    subscribe() {}

    // The element leaves the page.
    unsubscribe(element) {
      moduleOf(element).stop();
    }
  }

  Shiny.inputBindings.register(new Binding(), "rekognition.check");

  Shiny.addCustomMessageHandler(name, (message) => {
    const element = document.getElementById(message.id);
    if (element) {
      moduleOf(element).receive(message);
    }
  });

  const forEachModule = (work) =>
    document.querySelectorAll(`.${name}`).forEach((element) => work(moduleOf(element)));

  $(document).on("shiny:disconnected", () => forEachModule((module) => module.stop()));

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
    forEachModule(({ element, button }) => copyColors(element, button)),
  );
})();
