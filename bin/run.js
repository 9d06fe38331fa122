#!/usr/bin/env node
import { main } from '../dist/commands/command-line.js';

await main(process.argv.slice(2), import.meta.url);
