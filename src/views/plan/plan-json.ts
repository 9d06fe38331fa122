import type { ShownApprovals } from './approval-text.js';
import { dangersIn, filterWords, wholeTally, type FilteredPlan } from './plan-filter.js';
import { harmlessJson, jsonList, type Pieces } from '../safe-text.js';

/**
 * A plan, or the filtered part of it, as one JSON document, a line for each entry and team. `digest` is that of the plan.
 * `filter` is null for the whole plan; `shown` and `all` count teams, users and changes. `approvals` is null where none
 * were looked for. `dangers` is what to look at first. It is no plan: `apply` takes only the reviewed file itself. Safe on
 * a terminal too.
 */
export async function* planJson(filtered: FilteredPlan, approvals: ShownApprovals = null): Pieces {
  const { plan, part } = filtered;
  const all = wholeTally(plan);
  const { filter, shown } = part ?? { filter: null, shown: all };
  const note = part && filterWords(part, String);
  yield '{\n"format":"fix-roles/plan-view","formatVersion":1,\n';
  yield `"digest":${harmlessJson(plan.digest)},\n"header":${harmlessJson(plan.header)},\n`;
  yield `"filter":${harmlessJson(filter)},"note":${harmlessJson(note)},\n`;
  yield `"shown":${harmlessJson(shown)},"all":${harmlessJson(all)},\n`;
  yield `"approvals":${harmlessJson(approvals)},\n`;
  yield `"dangers":${harmlessJson(await dangersIn(filtered))},\n`;
  yield* jsonList('findings', plan.findings());
  yield ',\n';
  yield* jsonList('blocked', plan.blocked());
  yield ',\n';
  yield* jsonList('teams', plan.teams());
  yield '\n}\n';
}
