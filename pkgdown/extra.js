// pkgdown's search fetches search.json, which browsers do not allow for a page opened from a file, and the paths in it
// are relative to the root of a server. So load the index as a script, and resolve its paths against the site.
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
        // A section without text is {}, and one without a heading has a null id.
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
