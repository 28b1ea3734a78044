// Exchanges a file and a pipe at the same name, as fast as it can, until it is killed. Arguments: the names.
import { linkSync, renameSync, rmSync, writeFileSync } from "node:fs";

const [pipe, scratch, ...names] = process.argv.slice(2);
const file = `${scratch}.file`;
writeFileSync(file, "sound\n");
for (let round = 0; ; round += 1) {
  const name = names[round % names.length];
  for (const from of [pipe, file, pipe, file]) {
    rmSync(scratch, { force: true });
    linkSync(from, scratch);
    renameSync(scratch, name);
  }
}
