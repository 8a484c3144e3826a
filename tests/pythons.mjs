// Runs tests/model_names.py in a version of Python that is installed in tools/pythons, on the entries in standard
// input.
//
//   node tests/pythons.mjs python3.14 < entries.json > result.json
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const tests = dirname(fileURLToPath(import.meta.url));
const home = join(tests, "..", "tools", "pythons", "node_modules", process.argv[2]);
const { loadPyodide } = await import(pathToFileURL(join(home, "pyodide.mjs")));

const python = await loadPyodide({ indexURL: home });
python.FS.writeFile("/home/pyodide/model_names.py", readFileSync(join(tests, "model_names.py")));
const check = python.runPython("import model_names; model_names.check_text");
process.stdout.write(check(readFileSync(0, "utf8")) + "\n");
