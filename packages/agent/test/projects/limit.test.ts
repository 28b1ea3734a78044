import { describe, expect, it } from "vitest";
import { createConditions } from "../../src/health/status.ts";
import { createProjectsLimit } from "../../src/projects/limit.ts";

function start() {
  const conditions = createConditions(() => 0);
  const told: string[] = [];
  const limit = createProjectsLimit(conditions, (detail) => told.push(detail));
  return { limit, told, held: () => conditions.list().map(({ code }) => code) };
}

describe("createProjectsLimit", () => {
  it("tells once of workspaces that are cut, and again when others are", () => {
    const { limit, told } = start();
    limit.tell({ cut: ["/work"] });
    limit.tell({ cut: ["/work"] });
    expect(told).toHaveLength(1);
    limit.tell({ cut: ["/work", "/src"] });
    expect(told).toHaveLength(2);
    expect(told[1]).toContain("/work, /src");
  });

  it("holds its condition while any is cut", () => {
    const { limit, told, held } = start();
    limit.tell({ cut: ["/work"] });
    expect(held()).toEqual(["projects-limit"]);
    limit.tell({ cut: [] });
    expect(held()).toEqual([]);
    expect(told).toHaveLength(1);
  });
});
