import { z } from 'zod';

/**
 * Dangers once more, counted by hand: the whole plan in memory, with nothing of the program, from docs/design.md, "Look
 * here first".
 */
const row = z.looseObject({ role: z.string(), active: z.boolean() });
const planSchema = z.looseObject({
  teams: z.array(
    z.strictObject({
      team: z.looseObject({
        id: z.string(),
        state: z.string(),
        createdBy: z.string().nullable(),
        people: z.strictObject({ before: z.int(), after: z.int() }),
      }),
      decisions: z.array(
        z.looseObject({
          user: z.string(),
          observed: z.strictObject({ mongo: z.array(row), postgres: z.array(row) }),
          changes: z.array(z.looseObject({ op: z.string(), store: z.string(), role: z.string() })),
        }),
      ),
    }),
  ),
});

/** A line of text for each danger, `subject: weight, facts`, in which the heavier is the worse. */
export interface Recount {
  readonly missingTeams: number;
  readonly emptied: readonly string[];
  readonly ownership: readonly string[];
  readonly risers: readonly string[];
  readonly leavers: readonly string[];
  readonly misspelt: readonly string[];
}

const KNOWN = ['owner', 'admin', 'member'];
const OWNING = ['owner', 'admin'];

export function recount(plan: string): Recount {
  const { teams } = planSchema.parse(JSON.parse(plan));
  const emptied: string[] = [];
  const ownership: string[] = [];
  const gains = new Map<string, Set<string>>();
  const losses = new Map<string, Set<string>>();
  const odd = new Map<string, string[]>();
  const note = (map: Map<string, Set<string>>, user: string, team: string): void =>
    void map.set(user, (map.get(user) ?? new Set()).add(team));

  for (const { team, decisions } of teams) {
    const lostHere = new Map<string, string[]>();
    const hereAfter = new Map<string, string[]>();
    let losing = 0;
    for (const { user, observed, changes } of decisions) {
      const rows = [...observed.mongo, ...observed.postgres].filter(({ active }) => active);
      const before = rows.map(({ role }) => role);
      const after = [...before];
      for (const { op, role } of changes) {
        if (op === 'insert' || op === 'reactivate') after.push(role);
        else after.splice(after.indexOf(role), 1);
      }
      if (before.length > 0 && after.length === 0) {
        losing += 1;
        note(losses, user, team.id);
      }
      for (const role of new Set([...before, ...after])) {
        if (after.includes(role)) hereAfter.set(role, [...(hereAfter.get(role) ?? []), user]);
        const lost = before.includes(role) && !after.includes(role);
        if (lost && OWNING.includes(role)) lostHere.set(role, [...(lostHere.get(role) ?? []), user]);
        const known = KNOWN.find((one) => one === role.replaceAll(' ', '').toLowerCase());
        if (lost && known !== undefined && known !== role) odd.set(role, [...(odd.get(role) ?? []), team.id]);
        if (!before.includes(role) && after.includes(role) && OWNING.includes(role))
          note(gains, user, team.id);
      }
    }
    if (team.state !== 'live') continue;
    const { before, after } = team.people;
    if (losing > 0 && (after <= 1 || losing > before / 2))
      emptied.push(`${team.id}: ${losing}, of ${before}, ${after} left`);
    const highest = OWNING.find((role) => lostHere.has(role));
    if (highest === undefined) continue;
    const losers = new Set([...lostHere.values()].flat());
    ownership.push(
      `${team.id}: ${losers.size} lose, the highest ${highest}, held by ${hereAfter.get(highest)?.length ?? 0}`,
    );
  }
  const several = (map: Map<string, Set<string>>): string[] =>
    [...map].filter(([, set]) => set.size >= 3).map(([user, set]) => `${user}: ${set.size}`);
  return {
    missingTeams: teams.filter(({ team }) => team.state === 'missing').length,
    emptied,
    ownership,
    risers: several(gains),
    leavers: several(losses),
    misspelt: [...odd].map(([role, places]) => `${role}: ${new Set(places).size}, ${places.length} holders`),
  };
}
