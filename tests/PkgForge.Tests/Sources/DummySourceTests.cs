using AwesomeAssertions;
using CsCheck;
using PkgForge.Sources;
using Xunit;

namespace PkgForge.Tests.Sources;

public sealed class DummySourceTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void A_script_tells_its_steps_in_order()
    {
        var package = Source(
            """
            name tiny 1:1.0-1
            # what it does
            print some text
            clock

            sleep 1.5
            product tiny.txt the content
            makes tiny-dev
            needs base | other
            fail compile it broke
            fault no disk
            print-forever
            hang
            """
        );
        package.Validate().Should().Be(ValidationResult.Valid);
        (package.Name, package.Version, package.Format).Should().Be(("tiny", "1:1.0-1", PackageFormat.Dummy));
        package
            .Steps.Should()
            .Equal(
                new DummyStep.Print("some text"),
                new DummyStep.Clock(),
                new DummyStep.Sleep(TimeSpan.FromSeconds(1.5)),
                new DummyStep.Product("tiny.txt", "the content"),
                new DummyStep.Makes("tiny-dev"),
                new DummyStep.Needs("base | other"),
                new DummyStep.Fail("compile", "it broke"),
                new DummyStep.Fault("no disk"),
                new DummyStep.PrintForever(),
                new DummyStep.Hang()
            );
        package.Files.Should().ContainSingle().Which.Name.Should().Be("tiny.dummy");
        package.Relations.Makes.Should().Equal("tiny-dev");
        package
            .Relations.Needs.Should()
            .BeEquivalentTo(
                (string[][])
                    [
                        ["base", "other"],
                    ]
            );
    }

    [Theory]
    [InlineData("print first")]
    [InlineData("name tiny")]
    [InlineData("name ../tiny 1")]
    [InlineData("name tiny 1\nrun rm -rf /")]
    [InlineData("name tiny 1\nsleep -1")]
    [InlineData("name tiny 1\nsleep 86401")]
    [InlineData("name tiny 1\nsleep 1e9")]
    [InlineData("name tiny 1\nproduct ../x text")]
    [InlineData("name tiny 1\nproduct /x text")]
    [InlineData("name tiny 1\nfail Compile text")]
    [InlineData("name tiny 1\nhang on")]
    [InlineData("name tiny 1\nclock 1")]
    [InlineData("name tiny 1\nfault")]
    public void A_line_that_is_no_step_is_refused_with_its_number(string text)
    {
        var result = Source(text).Validate();
        result.Rule.Should().Be("script");
        result.Message.Should().Contain($"line {text.Split('\n').Length}");
    }

    [Fact]
    public void A_script_is_short() =>
        Source("name tiny 1\n" + new string('#', 64 << 10)).Validate().Rule.Should().Be("size");

    [Fact]
    public void Any_text_is_read_or_refused_without_an_exception() =>
        Gen.String[Gen.Char["namefilsp 1.\n-é\0"], 1, 80]
            .Sample(text => Source("name tiny 1\n" + text).Validate() is not null, threads: 1);

    private DummySource Source(string text) => new(scratch.Write("tiny.dummy", text));
}
