/** What a schema of this dialect has at least. */
interface Described {
  summary: string;
  description?: string;
}

const tags = ['admin'];
const security = [{ accessToken: [] }];

/** Options of a route that needs a permission; the description says so. */
export function needs<Schema extends Described>(permission: string, schema: Schema) {
  return { config: { permission }, schema: describe(schema, `Needs the permission \`${permission}\`.`) };
}

/** Options of a route that needs a permission and, because it can do harm, a fresh sign-in (POST /api/auth/step-up). */
export function needsFresh<Schema extends Described>(permission: string, schema: Schema) {
  const told = `Needs the permission \`${permission}\` and a fresh sign-in (\`POST /api/auth/step-up\`).`;
  return { config: { permission, needsFresh: true }, schema: describe(schema, told) };
}

function describe<Schema extends Described>(schema: Schema, needed: string) {
  const description = schema.description === undefined ? needed : `${schema.description} ${needed}`;
  return { ...schema, description, tags, security };
}
