// JupyterLab's widget manager says that it has restored a notebook once it has asked the kernel, also
// where the notebook's own saved widgets are still to come: an output that is drawn in between stays an
// error for good. This draws such outputs again, by the renderer that they have.

(() => {
  const VIEW = "application/vnd.jupyter.widget-view+json";
  const WAITS = [250, 500, 1000, 2000, 4000, 8000]; // ms
  const failed = (node) => node.textContent.startsWith("Error displaying widget");
  const tries = new WeakMap();

  function renderers(panel) {
    return (panel.content?.widgets ?? []).flatMap(({ outputArea }) =>
      (outputArea?.widgets ?? []).flatMap((child, place) => {
        const model = outputArea.model.get(place);
        const outputs = VIEW in (model?.data ?? {}) ? child.widgets ?? [] : [];
        return outputs.filter((one) => one.renderModel).map((one) => [one, model]);
      }));
  }

  function again(app) {
    for (const panel of app.shell.widgets("main"))
      for (const [renderer, model] of renderers(panel)) {
        const done = tries.get(renderer) ?? 0;
        if (!failed(renderer.node) || done === WAITS.length) continue;
        tries.set(renderer, done + 1);
        setTimeout(() => {
          if (renderer.isDisposed) return;
          renderer.removeClass("jupyter-widgets"); // the error's own, which is set in from the edge
          renderer.renderModel(model);
        }, WAITS[done]);
      }
  }

  const plugin = {
    id: "alliance-course:saved-cards",
    autoStart: true,
    activate(app) {
      const look = new MutationObserver((changes) => {
        if (changes.some(({ target }) => target.classList?.contains("jp-OutputArea-output") && failed(target))) again(app);
      });
      look.observe(document.body, { childList: true, subtree: true });
    },
  };

  const here = document.currentScript.src;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("room.css", here) }));
  let shared;
  const room = {
    id: "alliance-course:reading-room",
    autoStart: true,
    async activate(app) {
      // JupyterLab's own copy of Lumino, as every extension gets it
      const [lumino] = Object.values(shared["@lumino/widgets"]);
      const [{ Widget }, { default: open }] = await Promise.all([lumino.get().then((make) => make()), import(new URL("room.js", here))]);
      open(app, Widget);
    },
  };

  (globalThis._JUPYTERLAB ??= {})["alliance-course"] = {
    init(scope) { shared = scope; },
    get: async () => () => ({ default: [plugin, room], __esModule: true }),
  };
})();
