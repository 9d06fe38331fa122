import { personId } from './sample-case.js';

// The backend knows people only by id; the names make the cases readable.
export const ada = personId(1);
export const bruno = personId(2);
export const chidi = personId(3);
export const dora = personId(4);
export const emeka = personId(5);
export const fatima = personId(6);
export const goran = personId(7);
export const hana = personId(8);
export const ines = personId(9);
export const jonas = personId(10);
export const keiko = personId(11);
export const liam = personId(12);
export const mira = personId(13);
export const noor = personId(14);
export const olga = personId(15);
export const pedro = personId(16);
