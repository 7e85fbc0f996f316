// A small processor: an ALU, a register file, a state machine and a memory, so that synthesis has something to map.
module alu #(parameter WIDTH = 16) (
    input  [2:0] op,
    input  [WIDTH-1:0] a, b,
    output reg [WIDTH-1:0] y,
    output zero
);
  always @* begin
    case (op)
      3'd0: y = a + b;
      3'd1: y = a - b;
      3'd2: y = a & b;
      3'd3: y = a | b;
      3'd4: y = a ^ b;
      3'd5: y = a << b[3:0];
      3'd6: y = $signed(a) >>> b[3:0];
      default: y = a * b;
    endcase
  end
  assign zero = y == 0;
endmodule

module registers #(parameter WIDTH = 16) (
    input clk, input write,
    input [2:0] rd, rs, rt,
    input [WIDTH-1:0] value,
    output [WIDTH-1:0] a, b
);
  reg [WIDTH-1:0] file [0:7];
  always @(posedge clk) if (write && rd != 0) file[rd] <= value;
  assign a = rs == 0 ? 0 : file[rs];
  assign b = rt == 0 ? 0 : file[rt];
endmodule

module core (
    input clk, input reset,
    input [15:0] instruction,
    output reg [7:0] pc,
    output reg halted,
    output [15:0] result
);
  localparam FETCH = 2'd0, EXECUTE = 2'd1, WRITE = 2'd2;
  reg [1:0] state;
  reg [15:0] current;
  wire [15:0] a, b, operand, y;
  wire zero;
  registers r (.clk(clk), .write(state == WRITE && !current[15]), .rd(current[11:9]), .rs(current[8:6]),
               .rt(current[5:3]), .value(y), .a(a), .b(b));
  assign operand = current[0] ? {13'b0, current[5:3]} : b;
  alu u (.op(current[14:12]), .a(a), .b(operand), .y(y), .zero(zero));
  assign result = y;
  always @(posedge clk) begin
    if (reset) begin
      state <= FETCH;
      pc <= 0;
      halted <= 0;
    end else if (!halted) begin
      case (state)
        FETCH: begin current <= instruction; state <= EXECUTE; end
        EXECUTE: state <= WRITE;
        default: begin
          state <= FETCH;
          if (current == 16'hffff) halted <= 1;
          pc <= current[15] && zero ? pc + {{2{current[5]}}, current[5:0]} : pc + 1;
        end
      endcase
    end
  end
endmodule
