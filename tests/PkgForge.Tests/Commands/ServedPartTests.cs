using AwesomeAssertions;
using PkgForge.Cli;
using PkgForge.Server.Handlers;
using PkgForge.Tests.Contracts;
using Xunit;

namespace PkgForge.Tests.Commands;

/// <summary>The parts of a farm in one process.</summary>
public sealed class ServedPartTests
{
    [Fact]
    public async Task A_part_that_dies_of_a_fault_ends_the_others_and_its_exception_comes_out()
    {
        await using var site = await FarmUnderTest.CreateAsync();
        var well = new Part(() => { });
        var broken = new Part(() => throw new InvalidOperationException("a fault of the program"));
        var parts = new[] { well, broken }.Select(part => new ServedPart(() => part, site.Farm));

        await FluentActions
            .Awaiting(() => ServedPart.RunAllAsync(parts, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60)))
            .Should()
            .ThrowAsync<InvalidOperationException>();

        (well.IsDisposed, broken.IsDisposed).Should().Be((true, true));
    }

    [Fact]
    public async Task Parts_that_are_told_to_stop_end_well()
    {
        await using var site = await FarmUnderTest.CreateAsync();
        using var stop = new CancellationTokenSource();
        var part = new Part(stop.Cancel);

        (await ServedPart.RunAllAsync([new(() => part, site.Farm)], stop.Token)).Should().BeTrue();

        part.IsDisposed.Should().BeTrue();
    }

    private sealed class Part(Action pass) : IHandler
    {
        public bool IsDisposed { get; private set; }

        public string Name => "part";

        public Task StartAsync(CancellationToken cancel) => Task.CompletedTask;

        public Task<bool> RunPassAsync(CancellationToken cancel)
        {
            pass();
            return Task.FromResult(false);
        }

        public Task WaitAsync(CancellationToken cancel) => Task.Delay(Timeout.InfiniteTimeSpan, cancel);

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
