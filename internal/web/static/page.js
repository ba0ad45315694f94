// Improves what already works without it: the error summary takes focus, pages about work in progress reload unless something is being
// typed there, and a file that is too large says so before it is sent.
(function () {
  "use strict";
  var summary = document.getElementById("summary");
  if (summary) summary.focus();
  document.querySelectorAll("input[type=file][data-most]").forEach(function (el) {
    function look() {
      var large = el.files[0] && el.files[0].size > Number(el.dataset.most);
      el.setCustomValidity(large ? el.dataset.large : "");
      return !large || !el.reportValidity();
    }
    el.addEventListener("change", look);
    el.form.addEventListener("submit", function (e) { if (!look()) e.preventDefault(); });
  });
  function typed() {
    return Array.prototype.some.call(document.querySelectorAll("input, textarea"), function (el) {
      return el.value !== el.defaultValue || el.checked !== el.defaultChecked;
    });
  }
  document.querySelectorAll("[data-refresh]").forEach(function (el) {
    setInterval(function () { if (!typed()) location.reload(); }, Number(el.dataset.refresh) * 1000);
  });
})();
