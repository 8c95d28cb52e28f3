using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace PkgForge.Native;

/// <summary>Whom an entry of an access control list is about; the numbers are those of the kernel's format.</summary>
public enum AclTag
{
    /// <summary>The owner of the file.</summary>
    Owner = 1,

    /// <summary>A user by number.</summary>
    User = 2,

    /// <summary>The group of the file.</summary>
    OwningGroup = 4,

    /// <summary>A group by number.</summary>
    Group = 8,

    /// <summary>The most that users and groups by number, and the owning group, get.</summary>
    Mask = 0x10,

    /// <summary>Everybody else.</summary>
    Other = 0x20,
}

/// <summary>An entry of an access control list.</summary>
/// <param name="Tag">Whom it is about.</param>
/// <param name="Permissions">Read 4, write 2, execute 1, added up.</param>
/// <param name="Id">The user or group, where the tag is about one by number.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AclEntry(AclTag Tag, int Permissions, uint Id = AclEntry.NoId)
{
    /// <summary>Stands where the tag needs no number.</summary>
    public const uint NoId = uint.MaxValue;
}

/// <summary>
/// The default access control list of a directory (acl(5)), which everything made in it inherits. It is kept as the
/// extended attribute <c>system.posix_acl_default</c>: a 32-bit version (2), then 8 bytes an entry, little-endian.
/// </summary>
public static class PosixAcl
{
    private const string Attribute = "system.posix_acl_default";
    private const int Version = 2;
    private const int HeaderSize = 4;
    private const int EntrySize = 8;
    private const int All = 7;

    /// <summary>
    /// For <c>incoming</c>: what a submitter makes there is his and the farm's, and nobody else's, whichever group it
    /// has and whatever his umask is.
    /// </summary>
    public static IReadOnlyList<AclEntry> OwnerAnd(uint farmUser) =>
        [
            new(AclTag.Owner, All),
            new(AclTag.User, All, farmUser),
            new(AclTag.OwningGroup, 0),
            new(AclTag.Mask, All),
            new(AclTag.Other, 0),
        ];

    /// <summary>Sets the default list of a directory.</summary>
    /// <returns>False, and nothing is changed, where the file system has no such lists.</returns>
    /// <exception cref="PosixException">It could not be set.</exception>
    public static bool TrySetDefault(string directory, IReadOnlyList<AclEntry> entries)
    {
        var value = Encode(entries);
        var result = Libc.setxattr(
            FileSystem.Bytes(directory),
            FileSystem.Bytes(Attribute),
            value,
            (nuint)value.Length,
            0
        );
        if (result != 0 && Marshal.GetLastPInvokeError() == Errno.EOPNOTSUPP)
            return false;
        FileSystem.Check(result, "set the default access control list of", directory);
        return true;
    }

    /// <summary>The default list of a directory; null when it has none.</summary>
    public static IReadOnlyList<AclEntry>? ReadDefault(string directory)
    {
        // The kernel allows no attribute larger than this (XATTR_SIZE_MAX).
        var value = new byte[65_536];
        var size = Libc.getxattr(FileSystem.Bytes(directory), FileSystem.Bytes(Attribute), value, (nuint)value.Length);
        if (size < 0 && Marshal.GetLastPInvokeError() is Errno.ENODATA or Errno.EOPNOTSUPP)
            return null;
        FileSystem.Check((int)size, "read the default access control list of", directory);
        return Decode(value.AsSpan(0, (int)size));
    }

    /// <summary>Removes the default list of a directory; nothing happens when it has none.</summary>
    public static void RemoveDefault(string directory)
    {
        var result = Libc.removexattr(FileSystem.Bytes(directory), FileSystem.Bytes(Attribute));
        if (result == 0 || Marshal.GetLastPInvokeError() is not (Errno.ENODATA or Errno.EOPNOTSUPP))
            FileSystem.Check(result, "remove the default access control list of", directory);
    }

    internal static byte[] Encode(IReadOnlyList<AclEntry> entries)
    {
        var value = new byte[HeaderSize + EntrySize * entries.Count];
        BinaryPrimitives.WriteInt32LittleEndian(value, Version);
        var rest = value.AsSpan(HeaderSize);
        // The kernel refuses a list that is not in this order.
        foreach (var entry in entries.OrderBy(entry => entry.Tag).ThenBy(entry => entry.Id))
        {
            BinaryPrimitives.WriteUInt16LittleEndian(rest, (ushort)entry.Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(rest[2..], (ushort)entry.Permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(rest[4..], entry.Id);
            rest = rest[EntrySize..];
        }
        return value;
    }

    internal static IReadOnlyList<AclEntry> Decode(ReadOnlySpan<byte> value)
    {
        if (value.Length < HeaderSize || BinaryPrimitives.ReadInt32LittleEndian(value) != Version)
            throw new InvalidDataException("an access control list of an unknown version");
        var entries = new List<AclEntry>();
        for (var rest = value[HeaderSize..]; rest.Length >= EntrySize; rest = rest[EntrySize..])
            entries.Add(
                new(
                    (AclTag)BinaryPrimitives.ReadUInt16LittleEndian(rest),
                    BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(rest[4..])
                )
            );
        return entries;
    }
}
