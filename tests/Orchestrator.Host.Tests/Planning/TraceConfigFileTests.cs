using System.Text;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Planning;

namespace Orchestrator.Host.Tests.Planning;

public class TraceConfigFileTests
{
    [Fact]
    public void Every_field_of_the_protocol_is_read()
    {
        var config = Read("""
            {
              "recordMode": "recordAsMuchAsPossible",
              "traceBufferSizeInKb": 4096,
              "enableSampling": true,
              "enableSystrace": false,
              "enableArgumentFilter": true,
              "includedCategories": ["a", "disabled-by-default-*"],
              "excludedCategories": ["*"],
              "syntheticDelays": ["x;16"],
              "memoryDumpConfig": { "triggers": [ { "mode": "light", "periodicIntervalMs": 250 } ] }
            }
            """, out var errors);
        Assert.Empty(errors);
        Assert.Equal(RecordMode.RecordAsMuchAsPossible, config.RecordMode);
        Assert.Equal(4096, config.TraceBufferSizeInKb);
        Assert.True(config.EnableSampling);
        Assert.False(config.EnableSystrace);
        Assert.True(config.EnableArgumentFilter);
        Assert.Equal(["a", "disabled-by-default-*"], config.IncludedCategories!);
        Assert.Equal(["*"], config.ExcludedCategories!);
        Assert.Equal(["x;16"], config.SyntheticDelays!);
        Assert.Equal(MemoryDumpConfig.Parse("""{"triggers":[{"mode":"light","periodicIntervalMs":250}]}"""), config.MemoryDumpConfig);
    }

    [Fact]
    public void An_empty_object_and_a_byte_order_mark_are_fine()
    {
        Read("{}", out var errors);
        Assert.Empty(errors);
        Read("\uFEFF{}", out errors);
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("", "line 1, column 1: not JSON")]
    [InlineData("recordMode", "line 1, column 1: not JSON")]
    [InlineData("{\n  \"recordMode\": \"recordUntilFull\",\n}", "line 3, column 1: not JSON")]
    [InlineData("{} {}", "line 1, column 4: not JSON")]
    [InlineData("// comment\n{}", "line 1, column 1: not JSON")]
    [InlineData("{\"recordMode\": \"recordUntilFull\"", "not JSON")]
    [InlineData("[]", "line 1, column 1: a trace config is a JSON object")]
    [InlineData("null", "line 1, column 1: a trace config is a JSON object")]
    [InlineData("{\"record_mode\": \"x\"}", "line 1, column 2: unknown field 'record_mode'; did you mean 'recordMode'?")]
    [InlineData("{\n \"é\": 1, \"buffers\": {\"a\": [1, 2]}}", "line 2, column 10: unknown field 'buffers'; there are recordMode,")]
    [InlineData("{\"recordMode\": 1}", "line 1, column 16: recordMode is not a text")]
    [InlineData("{\"recordMode\": null}", "recordMode is not a text")]
    [InlineData("{\"recordMode\": \"ring\"}", "recordMode 'ring' is not one of recordUntilFull")]
    [InlineData("{\"traceBufferSizeInKb\": \"1\"}", "traceBufferSizeInKb is not a number")]
    [InlineData("{\"traceBufferSizeInKb\": 1.5}", "traceBufferSizeInKb is not a whole number from 0")]
    [InlineData("{\"traceBufferSizeInKb\": -1}", "traceBufferSizeInKb is not a whole number from 0")]
    [InlineData("{\"traceBufferSizeInKb\": 4194304}", "to 4194303")]
    [InlineData("{\"enableSampling\": 1}", "enableSampling is not true or false")]
    [InlineData("{\"enableSystrace\": \"true\"}", "enableSystrace is not true or false")]
    [InlineData("{\"enableArgumentFilter\": {}}", "enableArgumentFilter is not true or false")]
    [InlineData("{\"includedCategories\": \"a\"}", "includedCategories is not a list of texts")]
    [InlineData("{\"includedCategories\": [1]}", "includedCategories[0] is not a text")]
    [InlineData("{\"includedCategories\": [\"-a\"]}", "includedCategories: '-a' begins with '-'")]
    [InlineData("{\"excludedCategories\": [\"a b\"]}", "excludedCategories: 'a b' has a space in it")]
    [InlineData("{\"syntheticDelays\": [\"\"]}", "syntheticDelays: an item is empty")]
    [InlineData("{\"memoryDumpConfig\": []}", "memoryDumpConfig is not an object")]
    [InlineData("{\"memoryDumpConfig\": {\"triggers\": [{}]}}", "memoryDumpConfig: triggers[0].mode is not one of")]
    [InlineData("{\"enableSampling\": true, \"enableSampling\": false}", "line 1, column 26: the field 'enableSampling' is there twice")]
    public void What_is_wrong_is_told_with_its_place(string json, string problem)
    {
        Read(json, out var errors);
        Assert.All(errors, line => Assert.StartsWith("--trace-config 't.json': ", line));
        Assert.Contains(errors, line => line.Contains(problem, StringComparison.Ordinal));
    }

    [Fact]
    public void All_wrong_fields_are_told_at_once()
    {
        Read("""{"recordMode":"ring","x":[{"y":{}}],"enableSampling":"no","includedCategories":["a b","ok",7],"traceBufferSizeInKb":null}""", out var errors);
        Assert.Equal(6, errors.Count);
    }

    [Fact]
    public void Text_that_is_not_utf_8_is_an_error()
    {
        var errors = new UsageErrors();
        TraceConfigFile.Read("t.json", [.. "{\"recordMode\": \""u8, 0xff, 0xfe, .. "\"}"u8], errors);
        Assert.Contains("not JSON", Assert.Single(errors.Lines));
    }

    private static TraceConfig Read(string json, out IReadOnlyList<string> lines)
    {
        var errors = new UsageErrors();
        var config = TraceConfigFile.Read("t.json", Encoding.UTF8.GetBytes(json), errors);
        lines = errors.Lines;
        return config;
    }
}
