// For staff pages that follow the show for nothing else. They are never reloaded under somebody's fingers.

import { Stream } from "../stream.js";
import { showNotCopied } from "./copied.js";

new Stream("/crew/stream", null, { onState: (state) => showNotCopied(state.not_copied), onAway: () => {} });
