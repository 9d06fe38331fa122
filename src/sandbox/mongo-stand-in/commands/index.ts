import type { CommandDefinition } from '../operation.js';
import { aggregateCommands } from './aggregate.js';
import { catalogCommands } from './catalog.js';
import { diagnosticCommands } from './diagnostics.js';
import { explainCommands } from './explain.js';
import { findAndModifyCommands } from './find-and-modify.js';
import { indexCommands } from './indexes.js';
import { readCommands } from './read.js';
import { sessionCommands } from './sessions.js';
import { writeCommands } from './write.js';

/** Every command by its names. */
export const COMMANDS: ReadonlyMap<string, CommandDefinition> = new Map(
  Object.entries({
    ...diagnosticCommands,
    ...catalogCommands,
    ...indexCommands,
    ...readCommands,
    ...aggregateCommands,
    ...writeCommands,
    ...findAndModifyCommands,
    ...sessionCommands,
    ...explainCommands,
  }),
);

export const TRANSACTION_ENDINGS: readonly string[] = ['commitTransaction', 'abortTransaction'];
