import { SCRIPT_DATA } from './script-data.js';
import { SCRIPT_FACTS } from './script-facts.js';
import { SCRIPT_LIST } from './script-list.js';

/** The one script of the report. It fetches nothing and makes no markup from texts. */
export const SCRIPT = `'use strict';\n(() => {${SCRIPT_DATA}${SCRIPT_FACTS}${SCRIPT_LIST}})();\n`;
