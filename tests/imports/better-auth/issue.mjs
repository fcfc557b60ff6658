// Issues keys as the API-key plugin of better-auth does, in the PostgreSQL database that is named.
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { apiKey } from "@better-auth/api-key";
import pg from "pg";
const { Pool } = pg;
const database = new Pool({ connectionString: process.argv[2], ssl: false });
const auth = betterAuth({
    database,
    secret: "a secret of the tests alone, 32 characters",
    baseURL: "http://localhost:3000",
    emailAndPassword: { enabled: true },
    logger: { disabled: true },
    plugins: [apiKey({ enableMetadata: true })],
});
const { runMigrations } = await getMigrations(auth.options);
await runMigrations();
const { user } = await auth.api.signUpEmail({ body: { email: "Erin@Example.com", password: "correct horse", name: "Erin" } });
const issued = {};
const make = async (label, name, body) => {
    issued[label] = (await auth.api.createApiKey({ body: { userId: user.id, name, ...body } })).key;
};
await make("plain", "plain", {});
await make("bot", "Build Bot", { prefix: "acme_", permissions: { files: ["read", "write"] }, rateLimitMax: 600, rateLimitTimeWindow: 60000, expiresIn: 86400 * 7 });
await make("counted", "Build Bot", { remaining: 5, metadata: { plan: "gold" }, rateLimitEnabled: false });
const off = await auth.api.createApiKey({ body: { userId: user.id, name: "off" } });
await auth.api.updateApiKey({ body: { keyId: off.id, userId: user.id, enabled: false } });
issued.off = off.key;
console.log(JSON.stringify({ user: user.id, issued }));
process.exit(0);
