import type { MongoImage, PostgresImage } from '../model/decision.js';
import type { Links, TeamFacts } from '../model/facts.js';
import type { Finding, OddField } from '../model/finding.js';
import type { Policy } from '../model/policy.js';
import type { Store } from '../model/role-row.js';
import type { SerialId } from '../model/id.js';
import type { Targets, Consistency } from '../model/targets.js';
import type { TeamFilter } from '../model/team.js';

/** The whole rows behind facts; null for a row that was not read or that cannot be written down without loss. */
export interface RowImages {
  mongo(user: string, id: string): MongoImage | null;
  postgres(user: string, id: SerialId): PostgresImage | null;
  /** The field for which a document cannot be written down; null for one that can be, or was not read. */
  unwritable(user: string, mongoId: string): OddField | null;
  /** The same for these users alone, without holding on to all else that came with their rows. */
  keepOnly(users: ReadonlySet<string>): RowImages;
}

/** One team as it was read, existing or missing. */
export interface ReadTeam {
  readonly facts: TeamFacts;
  readonly images: RowImages;
  /** How many active role rows it has in each store. */
  readonly activeRows: Readonly<Record<Store, number>>;
}

/** What reading comes upon: a team, or something that no team can be told of. */
export type Read =
  | { readonly kind: 'team'; readonly team: ReadTeam }
  | { readonly kind: 'finding'; readonly finding: Finding };

/** The ids to look up, in each store. */
export type LinkIds = Readonly<Record<Store, readonly string[]>>;

/** Who holds the ids that were looked up, and those rows. */
export interface ReadLinks {
  readonly links: Links;
  readonly images: RowImages;
}

/**
 * Both stores, each at one point in time, as far as the rules need them. It can read and nothing else: whoever is
 * handed one cannot write.
 */
export interface FactsReader {
  readonly targets: Targets;
  readonly consistency: Consistency;
  /** Every team that passes the filter, in ascending order of ids. To be called once. */
  read(filter: TeamFilter, policy: Pick<Policy, 'activeValues'>): AsyncIterable<Read>;
  /** Looks up who holds the ids, at the same point in time; also between two teams. */
  links(ids: LinkIds): Promise<ReadLinks>;
}
