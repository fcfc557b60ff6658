// What npm's dotenv reads of a variable in each of the files: a JSON array. Its first argument is the package's folder.
import { createRequire } from "node:module";

const [folder, name, ...files] = process.argv.slice(2);
const dotenv = createRequire(`${folder}/`)("dotenv");
const read = files.map((path) => {
  const processEnv = {};
  dotenv.config({ path, processEnv, quiet: true });
  return processEnv[name] ?? null;
});
console.log(JSON.stringify(read));
