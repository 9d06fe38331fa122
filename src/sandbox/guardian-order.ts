import type { FailureText } from '../model/failure.js';

/** The one message to a guardian. It is a message, because arguments and environment must hold no password. */
export type GuardianOrder = PostgresOrder | MongodOrder;

export interface PostgresOrder {
  readonly server: 'postgres';
  readonly user: string;
  readonly password: string;
  /** Server settings, as `postgres -c name=value`. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface MongodOrder {
  readonly server: 'mongod';
  /** Command-line options besides address and data directory. */
  readonly options: readonly string[];
}

/** What a guardian answers: any number of sentences for people, then once `ready` or `failed`. */
export type GuardianMessage =
  | { readonly kind: 'said'; readonly text: string }
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'failed'; readonly text: FailureText };
