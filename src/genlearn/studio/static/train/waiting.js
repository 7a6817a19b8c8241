// A training that has not begun: the page is loaded anew when it has, or when it fails.
import { hear } from "/static/studio.js";

const { run } = document.getElementById("waiting").dataset;
let before;
const again = () => location.reload();
hear(`/runs/${run}/events`, {
  standing: (data) => {
    const now = JSON.parse(data);
    const seen = `${now.state} ${now.steps}`;
    if (before !== undefined && seen !== before) again();
    before = seen;
  },
  reports: again,
});
