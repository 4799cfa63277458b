-- One document in all its formats: read once, then for each format filtered, written and named on standard output.
-- `pandoc lua press.lua JOB` runs it. JOB is what with_pandoc.py writes: the Markdown's file and a list of writers.

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

local function write(path, bytes)
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
end

local function with_metadata(document, metadata)
  for key, value in pairs(metadata) do
    document.meta[key] = value
  end
  return document
end

local function shifted(document, levels)
  if levels == 0 then
    return document
  end
  return document:walk({
    Header = function(header)
      header.level = header.level + levels
      return header
    end,
  })
end

local function options_of(writer)
  local options = pandoc.WriterOptions(writer.options)
  options.variables = writer.variables
  if writer.template ~= "" then
    options.template = pandoc.template.compile(read(writer.template), writer.template)
  end
  return options
end

local job = pandoc.json.decode(read(arg[1]), false)
-- Pipe tables get widths where a line is longer than this: the number that the command `pandoc` takes.
local document = pandoc.read(read(job.source), "markdown", { columns = 72 })

for _, writer in ipairs(job.writers) do
  -- Filters ask for the format by this name, as they do under the command `pandoc`.
  FORMAT = writer.format
  local made = shifted(with_metadata(document:clone(), writer.metadata), writer.shift)
  for _, filter in ipairs(writer.filters) do
    made = pandoc.utils.run_lua_filter(made, filter)
  end
  write(writer.output, pandoc.write(made, writer.format, options_of(writer)))
  io.stdout:write(writer.format, "\n")
  io.stdout:flush()
end
