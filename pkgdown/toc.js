// "On this page". pkgdown.js calls this in place of bootstrap-toc, which is not on npm.
window.Toc = {
  init: function (options) {
    const headings = options.$scope.get().filter((h) => h.id && !("tocSkip" in h.dataset));
    if (headings.length === 0) {
      return;
    }
    const level = (heading) => Number(heading.tagName.slice(1));
    const top = Math.min(...headings.map(level));

    const list = () => {
      const ul = document.createElement("ul");
      ul.className = "nav navbar-nav";
      return ul;
    };
    const item = (heading) => {
      const a = document.createElement("a");
      a.className = "nav-link";
      a.href = "#" + heading.id;
      a.textContent = heading.textContent.trim();
      const li = document.createElement("li");
      li.append(a);
      return li;
    };

    const toc = list();
    let last = null;
    let inner = null;
    for (const heading of headings) {
      if (level(heading) === top) {
        last = item(heading);
        inner = null;
        toc.append(last);
      } else if (level(heading) === top + 1 && last !== null) {
        if (inner === null) {
          inner = list();
          last.append(inner);
        }
        inner.append(item(heading));
      }
    }
    options.$nav.append(toc);
  },
};
