// The marks on the chart, drawn once on a canvas: no image is fetched.  Okabe-Ito colours, apart in all three
// kinds of colour blindness; form says the same as colour.

export const COLOUR = {
  sea: "#0B1620",
  land: "#1A2B38",
  coast: "#4B6A82",
  grid: "#142736",
  text: "#E6EDF3",
  heardWell: "#3987CD",
  heardHalf: "#F0E1C8",
  heardBadly: "#E86050",
  heardUnknown: "#8A97A3",
  hull: "#56B4E9",
  dark: "#D55E00",
  port: "#009E73",
  portName: "#3CC79F",
  strait: "#CC79A7",
  area: "#F0E442",
};

const SIZE = 64; // drawn at twice the size it is shown in

export function addSymbols(map) {
  map.addImage("hull", drawn((pen) => arrow(pen, COLOUR.hull)), { pixelRatio: 2 });
  map.addImage("hull-still", drawn((pen) => disc(pen, COLOUR.hull)), { pixelRatio: 2 });
  map.addImage("hull-dark", drawn(ring), { pixelRatio: 2 });
  map.addImage("selected", drawn(brackets), { pixelRatio: 2 });
  map.addImage("here", drawn(crosshair), { pixelRatio: 2 });
  map.addImage("hatch", hatch(), { pixelRatio: 2 });
}

function drawn(draw) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const pen = canvas.getContext("2d");
  pen.translate(SIZE / 2, SIZE / 2);
  pen.lineJoin = "round";
  draw(pen);
  return pen.getImageData(0, 0, SIZE, SIZE);
}

function arrow(pen, colour) {
  pen.beginPath();
  pen.moveTo(0, -24);
  pen.lineTo(13, 20);
  pen.lineTo(0, 12);
  pen.lineTo(-13, 20);
  pen.closePath();
  fillAndEdge(pen, colour);
}

function disc(pen, colour) {
  pen.beginPath();
  pen.arc(0, 0, 11, 0, 2 * Math.PI);
  fillAndEdge(pen, colour);
}

function ring(pen) {
  for (const [width, colour] of [[11, COLOUR.sea], [5, COLOUR.dark]]) {
    pen.beginPath();
    pen.arc(0, 0, 17, 0, 2 * Math.PI);
    pen.moveTo(-11, -11);
    pen.lineTo(11, 11);
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.stroke();
  }
}

function brackets(pen) {
  pen.strokeStyle = COLOUR.text;
  pen.lineWidth = 3;
  for (const [x, y] of [[-1, -1], [1, -1], [1, 1], [-1, 1]]) {
    pen.beginPath();
    pen.moveTo(x * 29, y * 18);
    pen.lineTo(x * 29, y * 29);
    pen.lineTo(x * 18, y * 29);
    pen.stroke();
  }
}

// Four strokes that leave the middle free, for whatever lies there.
function crosshair(pen) {
  for (const [width, colour] of [[9, COLOUR.sea], [4, COLOUR.text]]) {
    pen.beginPath();
    pen.arc(0, 0, 20, 0, 2 * Math.PI);
    for (const [x, y] of [[0, -1], [1, 0], [0, 1], [-1, 0]]) {
      pen.moveTo(x * 12, y * 12);
      pen.lineTo(x * 29, y * 29);
    }
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.stroke();
  }
}

// A tile: strokes that leave it on one side come in again on the other.
function hatch() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 12;
  const pen = canvas.getContext("2d");
  pen.strokeStyle = COLOUR.heardUnknown;
  pen.lineWidth = 2;
  for (const x of [-12, 0, 12]) {
    pen.moveTo(x - 2, 14);
    pen.lineTo(x + 14, -2);
  }
  pen.stroke();
  return pen.getImageData(0, 0, 12, 12);
}

function fillAndEdge(pen, colour) {
  pen.lineWidth = 6;
  pen.strokeStyle = COLOUR.sea;
  pen.stroke();
  pen.fillStyle = colour;
  pen.fill();
}
