-- For wrk: sends ready-made requests of one size from a file, in order and each once; a file of one request is repeated.
-- wrk ... --script post.lua URL -- FILE SIZE

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  file = assert(io.open(arguments[1], "rb"))
  size = tonumber(arguments[2])
  repeated = file:seek("end") == size
  file:seek("set", 0)
  first = file:read(size)
  if not repeated then
    file:seek("set", 0)
  end
  used_up = false
end

function request()
  if repeated then
    return first
  end
  local text = file:read(size)
  if text == nil then
    used_up = true
    wrk.thread:stop()
    return first
  end
  return text
end

function done(summary, latency, requests)
  local missing = false
  for _, thread in ipairs(threads) do
    missing = missing or thread:get("used_up")
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"answered": %d, "seconds": %.6f, "refused": %d, "broken": %d, "used_up": %s, "p50_ms": %.3f, "p99_ms": %.3f}\n',
    summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, tostring(missing),
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
