/* SPDX-License-Identifier: ISC */
/* Choose the order of SSH's ciphers for this processor. */
#ifdef __aarch64__
#include <sys/auxv.h>

#include <asm/hwcap.h>
#endif

#include "store/cipher.h"

#define GCM	"aes128-gcm@openssh.com,aes256-gcm@openssh.com"
#define CHACHA	"chacha20-poly1305@openssh.com"
#define CTR	"aes128-ctr,aes192-ctr,aes256-ctr"	/* for old servers */

const char *
cipher_list(int has_aes)
{
	return (has_aes ? GCM "," CHACHA "," CTR : CHACHA "," GCM "," CTR);
}

/* AES itself, and the carry-less multiplication that the tag of GCM needs. */
int
cipher_has_aes(void)
{
#if defined(__x86_64__) || defined(__i386__)
	return (__builtin_cpu_supports("aes") &&
	    __builtin_cpu_supports("pclmul"));
#elif defined(__aarch64__)
	const unsigned long	 both = HWCAP_AES | HWCAP_PMULL;

	return ((getauxval(AT_HWCAP) & both) == both);
#else
	return (0);
#endif
}
