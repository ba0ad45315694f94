// Tells when new mail has come, and never moves what is being read.
const list = document.querySelector("[data-newest]");
if (list) {
  const look = async () => {
    try {
      const answer = await fetch("/_local/mailbox.json?limit=1&body=no");
      const [mail] = await answer.json();
      if (mail && mail.id !== list.dataset.newest) document.getElementById("fresh").hidden = false;
    } catch { /* the programme is being restarted */ }
  };
  setInterval(() => document.hidden || look(), 3000);
}
for (const choice of document.querySelectorAll("[data-submits]")) choice.addEventListener("change", () => choice.form.requestSubmit());
