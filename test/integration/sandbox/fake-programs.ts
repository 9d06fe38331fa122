import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a program for the shell, and returns its path. */
export async function writeProgram(path: string, ...lines: readonly string[]): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
  return path;
}

/** A mongod that says its version; `otherwise` is what it does when it is asked to serve. */
export function fakeMongod(path: string, version: string, ...otherwise: readonly string[]): Promise<string> {
  const answer = `[ "$1" = --version ] && { echo 'db version v${version}'; exit; }`;
  return writeProgram(path, answer, ...otherwise);
}
