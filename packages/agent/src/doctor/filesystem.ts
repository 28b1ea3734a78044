import { filesystemOf } from "@sigil/host";
import { homesOf } from "../machine.ts";
import { info, ok, warning, type Check } from "./check.ts";

/** Whether the filesystem of each home tells of changes; network and FUSE ones do not. */
export const filesystemCheck: Check = {
  id: "filesystem",
  title: "Filesystem",
  async run({ config }) {
    const { homes, problems } = await homesOf(config);
    const known = await Promise.all(
      homes.map(async ({ path }) => ({ path, ...(await filesystemOf(path, config.platform)) })),
    );
    const silent = known.filter((one) => one.deliversEvents === "no");
    const unknown = known.filter((one) => one.deliversEvents === "unknown");
    const names = [...new Set(known.map((one) => one.name))].join(", ");
    return [
      ...silent.map(({ path, name }) =>
        warning(
          `${path} is on ${name}, which does not tell of every change`,
          "Sigil polls it: changes are found later and are marked `delayed`",
        ),
      ),
      ...problems.map((problem) => warning(problem)),
      ...(silent.length > 0
        ? []
        : unknown.length > 0 || known.length === 0
          ? [info(`${names || "no home"}: not known whether it tells of every change`)]
          : [ok(`${names}: tells of changes`)]),
    ];
  },
};
