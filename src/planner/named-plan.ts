import type { NewPlanTeam, PlanWriter } from '../files/plan/writer.js';
import type { Mapping } from '../model/mapping.js';
import type { Block, Finding } from '../model/finding.js';
import type { NamesOf } from '../stores/facts-reader.js';

type Written = Pick<PlanWriter, 'finding' | 'block' | 'team' | 'finish'>;

/** Users of one question. */
const AT_ONCE = 1_000;
/** Mentions of users that may wait for it: of the same few users any number of decisions could. */
const WAITING_MAX = 4 * AT_ONCE;

/**
 * The writer, with the name of every user whom the plan names. Entries wait, in their order, until their users are
 * enough for one question, or they are too many. Without users in the mapping it is the writer itself.
 */
export function named(writer: Written, names: NamesOf, { mongo }: Mapping): Written {
  if (mongo.users === null) return writer;
  let waiting: ((found: ReadonlyMap<string, string>) => Promise<void>)[] = [];
  const users = new Set<string>();
  let mentions = 0;

  async function settle(): Promise<void> {
    const found = new Map<string, string>();
    const [asked, entries] = [[...users], waiting];
    users.clear();
    mentions = 0;
    waiting = [];
    for (let at = 0; at < asked.length; at += AT_ONCE)
      for (const [user, name] of await names(asked.slice(at, at + AT_ONCE))) found.set(user, name);
    for (const write of entries) await write(found);
  }

  async function add(of: readonly (string | null)[], write: (typeof waiting)[number]): Promise<void> {
    for (const user of of) if (user !== null) users.add(user);
    waiting.push(write);
    mentions += of.length;
    if (users.size >= AT_ONCE || mentions >= WAITING_MAX) await settle();
  }

  const nameOf = (user: string | null, found: ReadonlyMap<string, string>): string | undefined =>
    user === null ? undefined : found.get(user);
  return {
    finding: (finding: Finding) =>
      add([finding.user], (found) => writer.finding({ ...finding, name: nameOf(finding.user, found) })),
    block: (block: Block) =>
      add([block.user], (found) => writer.block({ ...block, name: nameOf(block.user, found) })),
    team: ({ team, holders, decisions }: NewPlanTeam) =>
      add([team.createdBy, ...decisions.map(({ user }) => user)], (found) =>
        writer.team({
          holders,
          team: { ...team, createdByName: nameOf(team.createdBy, found) },
          decisions: decisions.map((decision) => ({ ...decision, name: found.get(decision.user) })),
        }),
      ),
    async finish(rest, out) {
      await settle();
      return writer.finish(rest, out);
    },
  };
}
