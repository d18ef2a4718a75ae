// The one entry. Every page works without it; each module looks for its own data attributes and does nothing where there are none.
import "./errors.js";
import "./theme-switch.js";
import "./menu.js";
import "./announcement.js";
import "./print.js";
import "./scroll.js";
import "./filters.js";
import "./count.js";
import "./preview.js";
import "./rows.js";
import "./drag.js";
import "./picker.js";
import "./combobox.js";
import "./search.js";
import "./find.js";
import "./lookup.js";
import "./paste.js";
import "./desk.js";
import "./draft.js"; // last: it puts back what was typed into what the others have made
