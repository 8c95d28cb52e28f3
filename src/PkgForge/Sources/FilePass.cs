namespace PkgForge.Sources;

/// <summary>
/// One pass over a file, from its first byte to its last: what is read is also hashed, so that the file is read once
/// however many digests there are. Memory is a few chunks, whatever the size of the file.
/// </summary>
internal sealed class FilePass(RegularFile file) : IDisposable
{
    /// <summary>Reads of 1 MiB hash three times as fast as the framework's own default.</summary>
    private const int ChunkSize = 1 << 20;

    /// <summary>How far reading may be ahead of the slowest digest: each runs at its own pace, beside the others.</summary>
    private const int Buffers = 4;

    private readonly Digest whole = Digest.Sha256();

    /// <summary>Bytes that have been read so far.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes from here to the end, as the file was when it was opened.</summary>
    public long Remaining => file.Size - Position;

    /// <summary>Fills the buffer with the next bytes.</summary>
    /// <returns>False when the file ends before the buffer is full.</returns>
    public bool TryRead(Span<byte> buffer)
    {
        var count = Fill(buffer);
        whole.Append(buffer[..count]);
        return count == buffer.Length;
    }

    /// <summary>Reads to the end of the file and gives every byte to every digest.</summary>
    /// <returns>A broken rule if the file was longer or shorter than when it was opened.</returns>
    public Broken? ReadRest(IReadOnlyList<Digest> digests, CancellationToken cancel)
    {
        var buffers = new byte[Buffers][];
        var uses = Enumerable.Repeat(Task.CompletedTask, Buffers).ToArray();
        var work = Enumerable.Repeat(Task.CompletedTask, digests.Count).ToArray();
        try
        {
            for (var slot = 0; Remaining >= 0; slot = (slot + 1) % Buffers)
            {
                cancel.ThrowIfCancellationRequested();
                uses[slot].Wait(CancellationToken.None);
                var buffer = buffers[slot] ??= new byte[Math.Clamp(Remaining + 1, 1, ChunkSize)];
                var chunk = buffer.AsMemory(0, Fill(buffer));
                if (chunk.IsEmpty)
                    break;
                uses[slot] = Append(digests, work, chunk);
                whole.Append(chunk.Span);
            }
        }
        finally
        {
            Task.WaitAll(work, CancellationToken.None);
        }

        return Remaining == 0 ? null : new("changed", "was changed while it was read");
    }

    /// <summary>Puts a chunk behind the earlier ones of every digest; done when all have taken it in.</summary>
    private static Task Append(IReadOnlyList<Digest> digests, Task[] work, ReadOnlyMemory<byte> chunk)
    {
        for (var i = 0; i < work.Length; i++)
        {
            var digest = digests[i];
            work[i] = work[i]
                .ContinueWith(
                    _ => digest.Append(chunk.Span),
                    CancellationToken.None,
                    TaskContinuationOptions.NotOnFaulted,
                    TaskScheduler.Default
                );
        }

        return Task.WhenAll(work);
    }

    /// <summary>The file as it was read.</summary>
    public SourceFile Finish(string name) => new(name, Position, whole.Hex());

    public void Dispose() => whole.Dispose();

    private int Fill(Span<byte> buffer)
    {
        var count = 0;
        int read;
        do
        {
            read = RandomAccess.Read(file.Handle, buffer[count..], Position + count);
            count += read;
        } while (read > 0 && count < buffer.Length);
        Position += count;
        return count;
    }
}
