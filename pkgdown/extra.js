// pkgdown's search fetches search.json, which a browser refuses to a page that was opened as a file, and its paths
// start at the root of a server. So the index is a script, and its paths are made relative to the site.
(function () {
  const fetch = window.fetch;
  window.fetch = function (file) {
    if (typeof file !== "string" || !file.endsWith("search.json")) {
      return fetch.apply(window, arguments);
    }
    const root = new URL(file.replace(/search\.json$/, ""), window.location.href);
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.onload = () => {
        // Sections without text are {}, and those without a heading of their own have null for an id.
        const entries = window.searchIndex.filter((x) => typeof x.path === "string");
        const fromRoot = (path) => new URL(path.replace(/^\//, ""), root).href;
        const index = entries.map((x) => ({ ...x, id: x.id ?? "", path: fromRoot(x.path) }));
        resolve({ json: async () => index });
      };
      script.onerror = () => reject(new Error("The search index cannot be loaded."));
      script.src = new URL("search.js", root).href;
      document.head.append(script);
    });
  };
})();
