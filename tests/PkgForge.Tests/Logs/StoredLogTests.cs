using AwesomeAssertions;
using CsCheck;
using PkgForge.Logs;
using Xunit;

namespace PkgForge.Tests.Logs;

/// <summary>The stored form of a log: every tool reads it, any part of it is the plain log's, and nothing of a damaged one is taken for it.</summary>
public sealed class StoredLogTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-stored-").FullName;

    private string Path => $"{directory}/log";

    private string Stored => $"{Path}.zst";

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(LogFrames.FrameSize - 1)]
    [InlineData(LogFrames.FrameSize)]
    [InlineData(LogFrames.FrameSize + 1)]
    [InlineData(3 * LogFrames.FrameSize + 77)]
    public async Task The_zstd_tool_reads_and_checks_it(int length)
    {
        var content = SomeLog.Of(length);
        await SomeLog.StoreAsync(Path, content);

        var (exit, output) = await SomeLog.ZstdAsync("-dc", Stored);

        exit.Should().Be(0);
        output.Should().Equal(content);
        (await SomeLog.ZstdAsync("-tq", Stored)).ExitCode.Should().Be(0);
        SomeLog.Read(Path).Should().Equal(content);
        if (length > LogFrames.FrameSize)
            new FileInfo(Stored).Length.Should().BeLessThan(length / 2);
    }

    [Fact]
    public async Task Any_part_of_it_is_that_part_of_the_plain_log()
    {
        var content = SomeLog.Of(5 * LogFrames.FrameSize + 12_345);
        await SomeLog.StoreAsync(Path, content);
        using var log = LogFile.TryOpen(Path)!;
        log.Length.Should().Be(content.Length);

        Gen.Select(Gen.Int[0, content.Length + 100], Gen.Int[0, 3 * LogFrames.FrameSize])
            .Sample(
                (offset, count) =>
                {
                    var bytes = new byte[count];
                    var filled = log.Fill(bytes, offset);
                    var expected = content.AsSpan(
                        Math.Min(offset, content.Length),
                        Math.Min(count, Math.Max(0, content.Length - offset))
                    );
                    return bytes.AsSpan(0, filled).SequenceEqual(expected);
                },
                iter: 300,
                threads: 1
            );
    }

    [Fact]
    public async Task It_knows_its_lines_as_who_has_read_it_does()
    {
        var content = SomeLog.Of(2 * LogFrames.FrameSize + 99);
        await SomeLog.StoreAsync(Path, content);
        var scan = new LineScan();
        foreach (var part in content.Chunk(7919))
            scan.Add(part);
        using var log = LogFile.TryOpen(Path)!;

        log.Lines.Should().BeEquivalentTo(scan.Table, options => options.WithStrictOrdering());
        scan.Stages.Should().HaveCountGreaterThan(20);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_of_another_program_is_read_too(bool withChecksums)
    {
        var content = SomeLog.Of(200_000);
        var frames = new List<(byte[] Frame, int Size)>();
        foreach (var part in content.Chunk(70_001))
            frames.Add((await PackAsync(part), part.Length));
        Write(frames, withChecksums);

        using var log = LogFile.TryOpen(Path)!;

        log.Lines.Should().BeNull();
        SomeLog.Read(Path).Should().Equal(content);
    }

    [Fact]
    public async Task Whatever_byte_is_damaged_no_other_byte_of_the_log_is_wrong()
    {
        var content = SomeLog.Of(LogFrames.FrameSize + 5000);
        await SomeLog.StoreAsync(Path, content);
        var sound = await File.ReadAllBytesAsync(Stored);
        var random = new Random(4);
        var places = Enumerable.Range(0, 300).Select(_ => random.Next(sound.Length));
        var refused = 0;
        foreach (var place in places.Concat(Enumerable.Range(sound.Length - 60, 60)))
        {
            var damaged = sound.ToArray();
            damaged[place] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(Stored, damaged);
            try
            {
                SomeLog.Read(Path).Should().Equal(content, "byte {0} was damaged, and nobody has noticed", place);
                using var log = LogFile.TryOpen(Path)!;
                _ = log.Lines;
            }
            catch (FarmFaultException e)
            {
                e.Message.Should().StartWith($"the stored log {Stored} is damaged: ");
                refused++;
            }
        }
        refused.Should().BeGreaterThan(300);
    }

    [Fact]
    public async Task A_file_that_was_cut_off_is_refused_wherever()
    {
        await SomeLog.StoreAsync(Path, SomeLog.Of(20_000));
        var sound = await File.ReadAllBytesAsync(Stored);
        for (var length = 0; length < sound.Length; length += 1 + length / 20)
        {
            await File.WriteAllBytesAsync(Stored, sound[..length]);
            FluentActions.Invoking(() => LogFile.TryOpen(Path)).Should().Throw<FarmFaultException>();
        }
    }

    [Fact]
    public async Task A_frame_that_unpacks_to_more_than_it_should_is_refused_at_once()
    {
        var bomb = await PackAsync(new byte[200 << 20]);
        Write([(bomb, 1000)], withChecksums: false);
        using var log = LogFile.TryOpen(Path)!;
        var before = GC.GetAllocatedBytesForCurrentThread();

        log.Invoking(one => one.Read(new byte[10], 0))
            .Should()
            .Throw<FarmFaultException>()
            .WithMessage("*frame 1 of 1*");

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1 << 20);
    }

    [Theory]
    [InlineData(0x7FFFFFFFu)]
    [InlineData(0xFFFFFFFFu)]
    [InlineData((8u << 20) + 1)]
    public async Task A_table_of_frames_that_are_too_large_is_refused(uint size)
    {
        Write([(await PackAsync([1, 2, 3]), unchecked((int)size))], withChecksums: false);

        FluentActions.Invoking(() => LogFile.TryOpen(Path)).Should().Throw<FarmFaultException>();
    }

    [Fact]
    public void A_link_is_no_log_in_either_form()
    {
        File.CreateSymbolicLink(Stored, "/etc/passwd");
        File.CreateSymbolicLink(Path, "/etc/passwd");

        LogFile.TryOpen(Path).Should().BeNull();
    }

    private async Task<byte[]> PackAsync(byte[] content)
    {
        await File.WriteAllBytesAsync($"{directory}/part", content);
        return (await SomeLog.ZstdAsync("-qc", $"{directory}/part")).Output;
    }

    /// <summary>Writes frames and a seek table, by the words of the format's own description.</summary>
    private void Write(IEnumerable<(byte[] Frame, int Size)> frames, bool withChecksums)
    {
        var all = frames.ToList();
        using var file = new BinaryWriter(File.Create(Stored));
        all.ForEach(one => file.Write(one.Frame));
        file.Write(0x184D2A5Eu);
        file.Write(all.Count * (withChecksums ? 12 : 8) + 9);
        foreach (var (frame, size) in all)
        {
            file.Write(frame.Length);
            file.Write(size);
            if (withChecksums)
                file.Write(0);
        }
        file.Write(all.Count);
        file.Write((byte)(withChecksums ? 0x80 : 0));
        file.Write(0x8F92EAB1u);
    }
}
