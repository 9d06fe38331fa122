#!/usr/bin/env node
import { homedir } from 'node:os';
import { setFlagsFromString } from 'node:v8';

// What has been read and thrown away is collected when there is as much of it as of what is still in use; by default V8
// would let it grow to three times as much, and longer the more there is to read.
setFlagsFromString('--heap-growing-percent=100');

// It would have the PostgreSQL driver load a package that is not there.
delete process.env.NODE_PG_FORCE_NATIVE;

// A container may run under a number that no account has. What only asks for the home directory must not fail for that.
try {
  homedir();
} catch {
  process.env.HOME = '/';
}

const { main } = await import('../dist/commands/command-line.js');

await main(process.argv.slice(2), import.meta.url);
