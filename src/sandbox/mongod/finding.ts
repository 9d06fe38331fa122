/** What a source of mongod has: the path of a program, which may yet be unusable; or nothing, for this reason. */
export type Finding = { readonly program: string } | { readonly absent: string };
