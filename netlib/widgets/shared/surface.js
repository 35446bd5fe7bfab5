/* A function of two numbers as a surface: lines of equal height, and shades for a canvas. */

import { html } from "./page.js";

/**
 * The surface of `height(x, y)` over x = [low, high] and y = [low, high], from its values on a grid
 * with so many `cells` for each unit. `contour(level)` gives the pieces of the line at that height,
 * and `shades(color)` a canvas with [red, green, blue, alpha] = color(height) in each cell.
 */
export function surface(height, x, y, cells) {
  const columns = cells * (x[1] - x[0]);
  const rows = cells * (y[1] - y[0]);
  const point = (column, row) => [x[0] + column / cells, y[0] + row / cells];
  const heights = [];
  for (let row = 0; row <= rows; row++) {
    heights.push(Array.from({ length: columns + 1 }, (_, column) => height(...point(column, row))));
  }

  const forEachCell = (look) => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) look(column, row);
    }
  };

  /** Where the level is met on the side of a cell from one corner to another: no or one point. */
  function crossing([column, row], [column2, row2], level) {
    const [from, to] = [heights[row][column], heights[row2][column2]];
    if (from < level === to < level) return [];
    const t = (level - from) / (to - from);
    return [point(column + t * (column2 - column), row + t * (row2 - row))];
  }

  return {
    contour(level) {
      const pieces = [];
      forEachCell((column, row) => {
        const [right, up] = [column + 1, row + 1];
        const corners = [[column, row], [right, row], [right, up], [column, up]];
        const ends = corners.flatMap((corner, k) => crossing(corner, corners[(k + 1) % 4], level));
        if (ends.length) pieces.push(ends);
      });
      return pieces;
    },
    shades(color) {
      const canvas = html("canvas", { width: columns, height: rows, "aria-hidden": "true" });
      const context = canvas.getContext("2d");
      const image = context.createImageData(columns, rows);
      forEachCell((column, row) => {
        const place = (rows - 1 - row) * columns + column; // the picture's first row is the top one
        image.data.set(color(heights[row][column]), 4 * place);
      });
      context.putImageData(image, 0, 0);
      return canvas;
    },
  };
}
